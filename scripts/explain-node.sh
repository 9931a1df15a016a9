#!/bin/sh
# After `npm ci`: does the Node that the project pins run on this machine? If not, says what it lacks.
node=$(dirname "$0")/../node_modules/.bin/node
[ -x "$node" ] || exit 0
complaint=$("$node" --version 2>&1) && exit 0
echo "The Node of this project does not start here: $complaint" >&2
case $complaint in
*libatomic*) echo "It needs the library libatomic: run \"apt-get install libatomic1\" as root, then \"npm ci\" again." >&2 ;;
esac
exit 1
