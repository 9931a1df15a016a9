#!/bin/bash
# install.sh [--check]: brings every real server and tool that the tests use; at once done when all is there.
#   Debian packages of packages.txt go onto the machine (root or sudo), without recommends and without starting a daemon;
#   Ceph 20 and Consul, which this Debian release does not have, are unpacked into the cache folder from other releases
#   (no root, nothing of the system's apt is touched);
#   minimal Debian systems, on which the package is installed, are made in the cache folder (root only).
# --check only says what is missing: exit 0 when nothing is. The cache: $DROPSHIP_TEST_CACHE, else .cache/servers.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
. "$here/scripts/lib.sh"
mkdir -p "$cache"

# The Debian releases that the package is said to run on.
suites="bullseye bookworm trixie"

missing_packages() {
  comm -23 <(sort "$here/packages.txt") \
    <(dpkg-query -W -f '${db:Status-Abbrev}${Package}\n' 2>/dev/null | sed -n 's/^ii *//p' | sort -u)
}
missing_roots() {
  [ -e "$cache/ceph20/complete" ] || echo ceph20
  [ -e "$cache/consul/complete" ] || echo consul
  # Hosts to install the package on are made and booted by root only.
  [ "$(id -u)" = 0 ] || return 0
  for suite in $suites; do [ -e "$cache/systemd-$suite/complete" ] || echo "systemd-$suite"; done
}

packages=$(missing_packages | tr '\n' ' ') roots=$(missing_roots | tr '\n' ' ')
if [ -z "${packages// /}${roots// /}" ]; then exit 0; fi
echo "Test servers: missing: $packages$roots" >&2
[ "${1:-}" != --check ] || exit 1

as_root=() can_install=yes
if [ "$(id -u)" != 0 ]; then
  if sudo -n true 2>/dev/null; then as_root=(sudo -n); else can_install=; fi
fi
if [ -z "$can_install" ] && [ -n "${packages// /}" ]; then
  echo "Installing Debian packages needs root. Run this once, then the tests again: sudo $here/install.sh" >&2
  exit 1
fi

# again <command...>: up to five tries with growing pauses, for mirrors that stumble.
again() {
  local pause
  for pause in 2 5 15 30; do
    if "$@"; then return 0; fi
    echo "Failed; again in $pause s: $*" >&2
    sleep "$pause"
  done
  "$@"
}

update_lists() { "${as_root[@]}" apt-get -q -o DPkg::Lock::Timeout=600 update >&2; }

install_packages() {
  local policy=/usr/sbin/policy-rc.d made=
  if [ ! -e $policy ]; then
    printf '#!/bin/sh\nexit 101\n' | "${as_root[@]}" tee $policy >/dev/null
    "${as_root[@]}" chmod 755 $policy
    made=1
  fi
  local outcome=0
  # shellcheck disable=SC2086 # a list of words
  again "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=900 \
    -o Dpkg::Options::=--force-confold install --no-install-recommends $packages >&2 || outcome=$?
  [ -z "$made" ] || "${as_root[@]}" rm -f $policy
  return "$outcome"
}

fetch_root() { # <name> <suites, one after the other> <packages...>
  local name=$1 suites=$2 suite; shift 2
  for suite in $suites; do
    rm -rf "${cache:?}/$name"
    if again bash "$here/scripts/suite-root.sh" "$suite" "$cache/$name" "$@"; then
      touch "$cache/$name/complete"
      return 0
    fi
  done
  echo "Could not get $name from any of: $suites" >&2
  return 1
}

make_base() { # <suite>
  local out=$cache/systemd-$1
  again base_anew "$1" "$out" || return
  touch "$out/complete"
}
base_anew() {
  rm -rf "${2:?}"
  bash "$here/scripts/systemd-base.sh" "$@" >&2
}

[ -z "$can_install" ] || again update_lists
[ -z "${packages// /}" ] || install_packages
# Two runs at a time must not unpack into one folder.
exec 9>"$cache/.lock"
flock 9
for root in $(missing_roots); do
  case $root in
  ceph20) fetch_root ceph20 "forky sid" ceph-mon ceph-osd radosgw ceph-base ceph-common ;;
  consul) fetch_root consul "bullseye" consul ;;
  systemd-*) make_base "${root#systemd-}" ;;
  esac
done
echo "Test servers: all there." >&2
