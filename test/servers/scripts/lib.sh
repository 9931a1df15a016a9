# Sourced by the scripts beside it. A server script is started by server.ts as `X.sh <dir> [mode...]`: it prints
# `NAME=value` lines, one `PID <name> <pid>` for each process and at last `READY`; then it waits until its standard input
# closes (the test stopped it, or died), ends every process it started and removes <dir>.
scripts=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cache=${DROPSHIP_TEST_CACHE:-$(cd "$scripts/../../.." && pwd)/.cache/servers}
# The system's own programs: a python or curl of somebody's home folder may lack the modules.
PATH=/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin:/usr/local/bin
# Where servers listen.
address=${DROPSHIP_TEST_ADDRESS:-127.0.0.1}
declare -A commands=() pids=()

# ports <n>: n free TCP ports on that address, one per line.
ports() {
  /usr/bin/python3 - "$1" "$address" <<'P'
import socket, sys
sockets = []
for _ in range(int(sys.argv[1])):
    one = socket.socket()
    one.bind((sys.argv[2], 0))
    sockets.append(one)
for one in sockets:
    print(one.getsockname()[1])
P
}

# run <name> <command...>: in the background, log to <dir>/<name>.log.
run() {
  local name=$1
  shift
  "$@" >>"$dir/$name.log" 2>&1 </dev/null &
  commands[$name]=${*@Q}
  pids[$name]=$!
  echo "PID $name $!"
}

# wait_for <seconds> <command...>: asks every 50 ms.
wait_for() {
  local limit=$((SECONDS + $1))
  shift
  until "$@" >/dev/null 2>&1; do
    if [ $SECONDS -ge $limit ]; then
      echo "not ready in time: $*" >&2
      return 1
    fi
    sleep 0.05
  done
}

# end_all [first signal]: every process of this script, by its pid; SIGKILL after three seconds.
end_all() {
  local pid tries=60
  for pid in "${pids[@]}"; do kill -"${1:-TERM}" "$pid" 2>/dev/null && kill -CONT "$pid" 2>/dev/null; done || true
  for pid in "${pids[@]}"; do
    while kill -0 "$pid" 2>/dev/null && [ $tries -gt 0 ]; do sleep 0.05; tries=$((tries - 1)); done
    kill -KILL "$pid" 2>/dev/null || true
  done
  wait 2>/dev/null || true
}

# begin <dir>: from here on the script's end is the end of its processes and of the folder.
begin() {
  dir=$(cd "$1" && pwd)
  trap 'code=$?; [ $code = 0 ] || show_logs; end_all "${end_signal:-TERM}"; rm -rf "$dir"; exit $code' EXIT
  trap 'exit 1' TERM INT HUP
}

show_logs() {
  local log
  for log in "$dir"/*.log; do
    [ -s "$log" ] || continue
    echo "--- the end of $(basename "$log")" >&2
    tail -n 15 "$log" >&2
  done
}

# ready: says so and holds until the starter closes our standard input. Until then a line `restart <name>` kills that process
# and runs it again, as it was; what it has on disk is still there.
ready() {
  local word name
  echo READY
  while read -r word name; do
    [ "$word" = restart ] || continue
    kill -KILL "${pids[$name]}" 2>/dev/null || true
    wait "${pids[$name]}" 2>/dev/null || true
    eval "run $name ${commands[$name]}"
  done
}
