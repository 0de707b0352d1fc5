#!/bin/sh
# in-root.sh ROOT CONFIG PROGRAM…: runs a program in the Debian of Home Assistant Core, with CONFIG as its /config. Nothing of it is left behind:
# the mounts are this process's own, and it becomes the program.
set -e
if [ "$1" != --mounted ]; then
  exec unshare --mount "$0" --mounted "$@"
fi
shift
root="$1" config="$2"
shift 2
mount --bind "$config" "$root/config"
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
exec chroot "$root" "$@"
