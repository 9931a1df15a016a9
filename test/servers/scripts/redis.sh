#!/bin/bash
# redis.sh <dir> [password|tls|sentinel]: one Redis without persistence; "tls" wants a certificate of the client, "sentinel" is a
# primary with a replica and three sentinels, which fail over half a second after the primary is gone.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/certificates.sh"
begin "$1"
mode=${2:-}
password= arguments=() trust=()
[ "$mode" != password ] || password=secret
mapfile -t port < <(ports 5)
server() { # <name> <port> <more...>
  local name=$1 at=$2
  shift 2
  mkdir -p "$dir/$name"
  run "$name" redis-server --bind $address --port "$at" --dir "$dir/$name" --save '' --appendonly no --daemonize no --protected-mode no "$@"
}
ping() { redis-cli -h $address -p "$1" "${trust[@]}" ${password:+-a "$password" --no-auth-warning} ping | grep -q PONG; }
case $mode in
tls)
  certificates "$dir/certificates"
  at=$dir/certificates
  trust=(--tls --cacert "$at/ca.pem" --cert "$at/client.pem" --key "$at/client.key")
  # The last word on a port wins: none but that of TLS is open.
  server redis0 0 --tls-port "${port[0]}" --tls-cert-file "$at/server.pem" --tls-key-file "$at/server.key" --tls-ca-cert-file "$at/ca.pem"
  ;;
*) server redis0 "${port[0]}" ${password:+--requirepass "$password"} ;;
esac
wait_for 20 ping "${port[0]}"
echo "ADDRESS=$address:${port[0]}"
[ -z "$password" ] || echo "PASSWORD=$password"
[ "$mode" != tls ] || echo "CERTIFICATES=$dir/certificates"
if [ "$mode" = sentinel ]; then
  server redis1 "${port[1]}" --replicaof $address "${port[0]}"
  wait_for 20 ping "${port[1]}"
  sentinels=()
  for i in 2 3 4; do
    mkdir -p "$dir/sentinel$i"
    printf '%s\n' "port ${port[i]}" "bind $address" "protected-mode no" "dir $dir/sentinel$i" "sentinel monitor m $address ${port[0]} 2" \
      "sentinel down-after-milliseconds m 500" "sentinel failover-timeout m 2000" >"$dir/sentinel$i/sentinel.conf"
    run "sentinel$i" redis-server "$dir/sentinel$i/sentinel.conf" --sentinel
    sentinels+=("$address:${port[i]}")
  done
  quorum() {
    local i
    for i in 2 3 4; do
      redis-cli -h "$address" -p "${port[i]}" sentinel ckquorum m | grep -q '^OK 3' || return 1
      redis-cli -h "$address" -p "${port[i]}" sentinel replicas m | grep -q "${port[1]}" || return 1
    done
  }
  wait_for 30 quorum
  echo "SENTINELS=${sentinels[*]}"
  echo "REPLICA=$address:${port[1]}"
fi
ready
