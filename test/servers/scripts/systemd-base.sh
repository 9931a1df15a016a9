#!/bin/bash
# systemd-base.sh <suite> <out>: makes <out>/root, a minimal Debian of that release with systemd as its init, apt and nothing of
# Node. Needs root and mmdebstrap. The mirror is the one that this machine's apt uses.
set -euo pipefail
suite=$1 out=$2
# The Debian archive itself (not security, not a vendor's), as apt knows it from its own sources.
mirror=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
  sed -n 's/^Debian|Debian|//p' | sort -u | sed -n 1p)
if [ -z "$mirror" ]; then
  echo 'No Debian archive in the sources of apt (run "apt-get update" first?).' >&2
  exit 1
fi
mkdir -p "$out/root"
mmdebstrap --quiet --variant=apt --include=systemd,systemd-sysv,dbus --skip=cleanup/apt/lists \
  --dpkgopt='path-exclude=/usr/share/locale/*' --aptopt='Acquire::Retries "3"' --aptopt='Acquire::Languages "none"' \
  "$suite" - "deb $mirror $suite main" </dev/null | tar -x --numeric-owner -C "$out/root" --exclude='./dev/*'
: >"$out/root/etc/machine-id"
rm -f "$out/root/etc/hostname"
