#!/bin/bash
# Run by udhcpc in a camera's namespace: sets what the lease says and prints `EVENT ADDRESS EPOCH-MICROSECONDS`.
set -u
case "$1" in
  deconfig)
    ip address flush dev "$interface"
    ip neighbour flush dev "$interface"
    ;;
  bound)
    ip address flush dev "$interface"
    ip address add "$ip/$mask" broadcast + dev "$interface"
    bound_at=${EPOCHREALTIME/[.,]/}
    ip route replace 239.0.0.0/8 dev "$interface"
    [ -n "${router:-}" ] && ip route replace default via "${router%% *}" dev "$interface"
    echo "bound $ip $bound_at"
    exit 0
    ;;
esac
echo "$1 ${ip:-none} ${EPOCHREALTIME/[.,]/}"
