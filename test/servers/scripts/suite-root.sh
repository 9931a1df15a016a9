#!/bin/bash
# suite-root.sh <suite> <out> <package...>: unpacks packages of another Debian release with all they need, libc included,
# into <out>/root. `<out>/run PROGRAM args` runs a program of it by the tree's own loader, `<out>/python args` its python3.
# The mirror is the one that this machine's apt uses; lists, cache and status are private: nothing of the system's apt changes.
set -euo pipefail
suite=$1 out=$2
shift 2
mkdir -p "$out"
out=$(cd "$out" && pwd)
private=$out/apt
mkdir -p "$private"/{lists/partial,cache/archives/partial,state,sources,preferences} "$out/root"/usr/{bin,sbin,lib,lib64}
: >"$private/status"

# The Debian archive itself (not security, not a vendor's), as apt knows it from its own sources.
mirror=$(apt-get indextargets --format '$(ORIGIN)|$(LABEL)|$(REPO_URI)' 'Created-By: Packages' |
  sed -n 's/^Debian|Debian|//p' | sort -u | sed -n 1p)
if [ -z "$mirror" ]; then
  echo 'No Debian archive in the sources of apt (run "apt-get update" first?).' >&2
  exit 1
fi
key=$(echo /usr/share/keyrings/debian-archive-keyring.[gp][gp][gp])
key=${key%% *}
printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' "$mirror" "$suite" "$key" >"$private/sources/one.sources"

options=(-o Dir::Etc::sourcelist=/dev/null -o Dir::Etc::sourceparts="$private/sources"
  -o Dir::Etc::preferences=/dev/null -o Dir::Etc::preferencesparts="$private/preferences"
  -o Dir::State="$private/state" -o Dir::State::lists="$private/lists" -o Dir::State::status="$private/status"
  -o Dir::Cache="$private/cache" -o APT::Get::List-Cleanup=0 -o Acquire::Languages=none -o Acquire::Retries=3
  -o Debug::NoLocking=1 -o APT::Install-Recommends=0)
[ "$(id -u)" != 0 ] || options+=(-o APT::Sandbox::User=root)
apt-get "${options[@]}" -qq update >&2
apt-get "${options[@]}" -qq -y --download-only install "$@" >&2

cd "$out/root"
for folder in bin sbin lib lib64; do [ -e $folder ] || ln -s usr/$folder $folder; done
for package in "$private"/cache/archives/*.deb; do dpkg-deb --fsys-tarfile "$package" | tar -x --no-same-owner --keep-directory-symlink; done
rm -rf "$private"

cat >"$out/run" <<'R'
#!/bin/bash
# The folders of libraries are given by hand: programs name theirs by absolute paths, which would find the host's.
here=$(dirname "$(readlink -f "$0")") program=$1
shift
root=$here/root
libraries=$(printf '%s:' "$root"/usr/lib/*-linux-gnu "$root"/usr/lib/*-linux-gnu/*/)
for folder in usr/bin usr/sbin; do
  if [ -x "$root/$folder/$program" ]; then program=$root/$folder/$program; break; fi
done
loader=$(echo "$root"/lib*/ld-linux-*.so.*)
if [ -e "${loader%% *}" ]; then
  exec -a "$(basename "$program")" "${loader%% *}" --library-path "${libraries%:}" "$program" "$@"
fi
exec "$program" "$@"
R
cat >"$out/python" <<'R'
#!/bin/bash
here=$(dirname "$(readlink -f "$0")")
python=$(cd "$here/root/usr/bin" && printf '%s\n' python3.* | grep -xE 'python3\.[0-9]+' | tail -1)
export PYTHONHOME=$here/root/usr
exec "$here/run" "$python" "$@"
R
chmod +x "$out/run" "$out/python"
