#!/bin/sh
# After `npm ci`: does the Node that the project pins run on this machine? Node 26 wants libatomic, which a small Debian
# lacks: then a copy of Debian's package is put beside it, without root. If that fails, says what to do.
modules=$(cd "$(dirname "$0")/../node_modules" && pwd) || exit 0
node=$modules/.bin/node
[ -e "$node" ] || exit 0
complaint=$("$node" --version 2>&1) && exit 0

case $complaint in *libatomic*)
  library=$modules/.libatomic
  mkdir -p "$library"
  if (cd "$library" && apt-get -q download libatomic1 && dpkg-deb -x libatomic1_*.deb .) >/dev/null 2>&1; then
    real=$(readlink -f "$node")
    folder=$(dirname "$(find "$library" -name 'libatomic.so.1' | head -n 1)")
    rm -f "$node"
    # Relative to itself, so that the clone can be moved.
    cat >"$node" <<EOF
#!/bin/sh
modules=\$(dirname "\$(dirname "\$(readlink -f "\$0")")")
LD_LIBRARY_PATH=\$modules/${folder#"$modules/"} exec "\$modules/${real#"$modules/"}" "\$@"
EOF
    chmod +x "$node"
    "$node" --version >/dev/null 2>&1 && exit 0
  fi
  echo "Node 26 needs the library libatomic: run \"apt-get install libatomic1\" as root, then \"npm ci\" again." >&2
  exit 1
  ;;
esac
echo "The Node of this project does not start here: $complaint" >&2
exit 1
