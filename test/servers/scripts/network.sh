#!/bin/bash
# network.sh <dir> <hosts>: a bridge with an address for servers, and so many hosts, each in a network namespace of its own, that
# are joined to it by a cable each. Needs root. Process `host<n>` holds the namespace of host n, whose cable ends on the bridge
# as CABLE<n>; nothing else of the machine's network is touched.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
begin "$1"
hosts=$2
# The range that is set aside for measurements (RFC 2544); others may run at the same time.
for ((net = 1; net < 100; net++)); do
  bridge=dropship$net
  if problem=$(ip link add "$bridge" type bridge forward_delay 0 2>&1); then break; fi
done
[ "$net" -lt 100 ] || { echo "no bridge can be made: $problem" >&2; exit 1; }
gone() {
  local link
  for link in "$bridge" $(seq -f "ds${net}h%g" "$hosts"); do ip link del "$link" 2>/dev/null || true; done
}
trap 'code=$?; [ $code = 0 ] || show_logs; end_all KILL 2>/dev/null; gone; rm -rf "$dir"; exit $code' EXIT
ip addr add "198.18.$net.1/24" dev "$bridge"
ip link set "$bridge" up
for ((n = 1; n <= hosts; n++)); do run "host$n" unshare --net sleep infinity; done
apart() { [ "$(readlink "/proc/$1/ns/net")" != "$(readlink /proc/self/ns/net)" ]; }
for ((n = 1; n <= hosts; n++)); do
  pid=${pids[host$n]} cable=ds${net}h$n
  wait_for 10 apart "$pid"
  ip link add "$cable" type veth peer name eth0 netns "$pid"
  ip link set "$cable" master "$bridge" up
  nsenter --target "$pid" --net sh -c "
    ip link set lo up && ip addr add 198.18.$net.$((n + 1))/24 dev eth0 && ip link set eth0 up"
  echo "CABLE$n=$cable"
  echo "HOST$n=198.18.$net.$((n + 1))"
done
echo "BRIDGE=$bridge"
echo "SERVERS=198.18.$net.1"
ready
