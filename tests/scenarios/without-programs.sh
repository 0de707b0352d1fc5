#!/bin/sh
# Runs a command on a machine that lacks some programs: without-programs.sh FOLDER "NAME..." COMMAND...
# Camera Shepherd looks in the system's folders whatever its PATH is, so these folders are covered, for this command alone, by ones that
# link to everything else. FOLDER is empty or of an earlier call. To be run by `unshare --mount`.
set -eu
folder=$1
lacking=$2
shift 2
for place in /usr/local/bin /usr/local/sbin /usr/bin /usr/sbin /bin /sbin; do
  [ -d "$place" ] && [ ! -L "$place" ] || continue
  mkdir -p "$folder/all$place" "$folder/some$place"
  mount --bind "$place" "$folder/all$place"
  find "$folder/all$place" -mindepth 1 -maxdepth 1 -exec ln -sf -t "$folder/some$place" {} +
  for name in $lacking; do rm -f "$folder/some$place/$name"; done
done
for place in /usr/local/bin /usr/local/sbin /usr/bin /usr/sbin /bin /sbin; do
  if [ -d "$folder/some$place" ] && [ ! -L "$place" ]; then mount --bind "$folder/some$place" "$place"; fi
done
exec "$@"
