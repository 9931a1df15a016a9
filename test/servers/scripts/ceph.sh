#!/bin/bash
# ceph.sh <dir> <16|20>: a real S3 store: one monitor, one object daemon in memory, one gateway. No root needed.
# 16: Debian's own package, the old and quirky store. 20: unpacked in the cache folder, the one that behaves like AWS.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
begin "$1"
end_signal=KILL # they take seconds to stop politely, and nothing is to be kept
version=$2
in_root=() ceph=(ceph) plugins=
if [ "$version" = 20 ]; then
  in_root=("$cache/ceph20/run")
  ceph=("$cache/ceph20/python" "$cache/ceph20/root/usr/bin/ceph")
  plugins=$(echo "$cache"/ceph20/root/usr/lib/*-linux-gnu)
fi
mapfile -t port < <(ports 2)
fsid=$(cat /proc/sys/kernel/random/uuid) osd=$(cat /proc/sys/kernel/random/uuid)
mkdir -p "$dir"/{mon,osd,rgw,run}
cat >"$dir/ceph.conf" <<C
[global]
fsid = $fsid
mon host = v1:$address:${port[0]}
mon initial members = a
public network = $address/24
ms bind ipv4 = true
ms bind ipv6 = false
auth cluster required = none
auth service required = none
auth client required = none
auth supported = none
run dir = $dir/run
admin socket = $dir/run/\$name.asok
pid file =
log file =
log to stderr = true
err to stderr = true
log to file = false
mon cluster log to file = false
mon cluster log file =
crash dir = $dir/run
osd pool default size = 1
osd pool default min size = 1
osd pool default pg num = 1
osd pool default pgp num = 1
osd pool default pg autoscale mode = off
osd crush chooseleaf type = 0
mon allow pool size one = true
mon warn on pool no redundancy = false
mon osd min up ratio = 0
mon data avail crit = 1
mon data avail warn = 2
mon max pg per osd = 1000
${plugins:+plugin dir = $plugins/ceph
erasure code dir = $plugins/ceph/erasure-code
osd class dir = $plugins/rados-classes}
[mon.a]
mon data = $dir/mon
debug none = 0
paxos propose interval = 0.05
paxos min wait = 0.01
[osd]
osd data = $dir/osd
osd objectstore = memstore
memstore device bytes = 4294967296
osd class update on start = false
osd crush update on start = false
osd class load list = *
osd class default list = *
osd max object name len = 460
osd max object namespace len = 64
osd op num threads per shard = 1
osd op num shards = 2
[client.rgw]
rgw data = $dir/rgw
rgw frontends = beast endpoint=$address:${port[1]} tcp_nodelay=1
rgw thread pool size = 64
rgw enable usage log = false
rgw enable ops log = false
rgw dns name = localhost
rgw override bucket index max shards = 1
rgw dynamic resharding = false
rgw run sync thread = false
C
export CEPH_CONF=$dir/ceph.conf
"${in_root[@]}" monmaptool --create --clobber --fsid "$fsid" --addv a "[v1:$address:${port[0]}]" "$dir/monmap" >/dev/null
"${in_root[@]}" ceph-mon --mkfs -i a --monmap "$dir/monmap" >"$dir/mkfs.log" 2>&1
run mon "${in_root[@]}" ceph-mon -f -i a --public-addrv "[v1:$address:${port[0]}]"
wait_for 60 timeout 5 "${ceph[@]}" mon stat
# Without keys a command now and then goes out before the map of monitors has come ("wrong fsid"): again.
again() {
  local try
  for try in 1 2 3 4 5 6; do
    if timeout 20 "$@" >/dev/null 2>>"$dir/commands.log"; then return 0; fi
    echo "again after try $try: $*" >>"$dir/commands.log"
    sleep 0.2
  done
  return 1
}
again "${ceph[@]}" osd new "$osd"
# By hand: the daemon's own update at its start fails now and then for the same reason.
again "${ceph[@]}" osd crush add 0 1.0 root=default host=h
"${in_root[@]}" ceph-osd --mkfs -i 0 --osd-uuid "$osd" >>"$dir/mkfs.log" 2>&1
run osd "${in_root[@]}" ceph-osd -f -i 0
run gateway "${in_root[@]}" radosgw -f -n client.rgw
answers() { curl -sf -m 2 -o /dev/null "http://$address:${port[1]}/"; }
wait_for 120 answers
again "${in_root[@]}" radosgw-admin -n client.rgw user create --uid=test --display-name=test \
  --access-key=testkey --secret-key=testsecret
again "${in_root[@]}" radosgw-admin -n client.rgw user create --uid=guest --display-name=guest \
  --access-key=guestkey --secret-key=guestsecret
echo "ENDPOINT=http://$address:${port[1]}"
ready
