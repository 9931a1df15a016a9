#!/bin/bash
# systemd-host.sh <dir> <suite>: boots a fresh host with systemd as process 1, in a container over the read-only base of that
# Debian release. It shares this machine's network. Prints ROOT, its root folder as seen from here. The process "host" is the
# container: killing it is a power cut, `restart host` boots it again with what it had on disk. Needs root.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
begin "$1"
base=$cache/systemd-$2/root
root=$dir/root
mkdir -p "$dir"/{upper,work,root}
mount -t overlay overlay -o "lowerdir=$base,upperdir=$dir/upper,workdir=$dir/work" "$root"
# Process 1 of the host outlives the program that has started it, and with it everything on the host.
cut_power() {
  local process1
  process1=$(pgrep -P "${pids[host]}" || true)
  [ -z "$process1" ] || kill -KILL $process1 2>/dev/null || true
  kill -KILL "${pids[host]}" 2>/dev/null || true
  wait "${pids[host]}" 2>/dev/null || true
}
# Mounted, the folder could not be removed.
trap 'code=$?; [ $code = 0 ] || show_logs; cut_power; umount "$root" 2>/dev/null || umount -l "$root"; rm -rf --one-file-system "$dir"; exit $code' EXIT
run host systemd-nspawn --quiet --directory="$root" --machine="dropship-$$" --hostname="$2" --register=no --keep-unit \
  --link-journal=no --console=pipe --resolv-conf=replace-host --boot
# The same question that the test asks after every boot.
booted() {
  local leader state
  leader=$(pgrep -P "${pids[host]}" | head -n 1) && [ -n "$leader" ] || return 1
  state=$(nsenter -t "$leader" -a --wdns=/ -- systemctl is-system-running || true)
  [ "$state" = running ] || [ "$state" = degraded ]
}
wait_for 90 booted
echo "ROOT=$root"
echo READY
while read -r word _; do
  [ "$word" = restart ] || continue
  cut_power
  eval "run host ${commands[host]}"
done
