#!/bin/bash
# consul.sh <dir> [acl]: one Consul agent in memory.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
begin "$1"
token= header=()
if [ "${2:-}" = acl ]; then
  token=11111111-2222-3333-4444-555555555555
  header=(-H "X-Consul-Token: $token")
fi
mapfile -t port < <(ports 5)
rules=
[ -z "$token" ] || rules=",\"acl\":{\"enabled\":true,\"default_policy\":\"deny\",\"tokens\":{\"master\":\"$token\",\"agent\":\"$token\"}}"
cat >"$dir/config.json" <<J
{ "datacenter": "dc1", "node_name": "n0", "server": true, "bind_addr": "127.0.0.1", "client_addr": "127.0.0.1",
  "disable_update_check": true, "disable_host_node_id": true, "session_ttl_min": "1s", "log_level": "INFO",
  "ports": {"http": ${port[0]}, "dns": ${port[1]}, "serf_lan": ${port[2]}, "serf_wan": ${port[3]}, "server": ${port[4]}, "grpc": -1}$rules }
J
run consul "$cache/consul/root/usr/bin/consul" agent -dev -config-file="$dir/config.json"
# A leader alone is not enough: writes and sessions come a little later.
call() { curl -sf -m 2 "${header[@]}" -X PUT "http://127.0.0.1:${port[0]}/v1/$1" -d "$2"; }
answers() {
  call kv/_ready x | grep -q true || return 1
  local session
  session=$(call session/create '{"TTL":"10s"}' | sed -n 's/.*"ID": *"\([^"]*\)".*/\1/p')
  [ -n "$session" ] && call "session/destroy/$session" ''
}
wait_for 60 answers
echo "ENDPOINT=http://127.0.0.1:${port[0]}"
[ -z "$token" ] || echo "TOKEN=$token"
ready
