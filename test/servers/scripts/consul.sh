#!/bin/bash
# consul.sh <dir> [acl|3|tls]: one Consul agent in memory; with "acl" it denies what no token allows, with "tls" it speaks TLS
# only and wants a certificate of the client, "3" is a cluster of three servers with their data on disk.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/certificates.sh"
begin "$1"
mode=${2:-}
servers=1 token= header=() extra=() scheme=http
[ "$mode" != 3 ] || servers=3
if [ "$mode" = acl ]; then
  token=11111111-2222-3333-4444-555555555555
  header=(-H "X-Consul-Token: $token")
  extra+=("\"acl\":{\"enabled\":true,\"default_policy\":\"deny\",\"tokens\":{\"master\":\"$token\",\"agent\":\"$token\"}}")
fi
if [ "$mode" = tls ]; then
  certificates "$dir/certificates"
  scheme=https
  extra+=("\"verify_incoming\":true,\"ca_file\":\"$dir/certificates/ca.pem\",\"cert_file\":\"$dir/certificates/server.pem\",\"key_file\":\"$dir/certificates/server.key\"")
  header=(--cacert "$dir/certificates/ca.pem" --cert "$dir/certificates/client.pem" --key "$dir/certificates/client.key")
fi
[ "$servers" = 1 ] || extra+=("\"server\":true,\"bootstrap_expect\":$servers,\"performance\":{\"raft_multiplier\":1},\"leave_on_terminate\":false,\"skip_leave_on_interrupt\":true,\"gossip_lan\":{\"probe_interval\":\"200ms\",\"probe_timeout\":\"100ms\",\"gossip_interval\":\"50ms\"}")
more=$(printf ',%s' "${extra[@]}")
[ ${#extra[@]} -gt 0 ] || more=
mapfile -t port < <(ports $((servers * 5)))
endpoints=() join=()
for ((i = 0; i < servers; i++)); do
  at=$((i * 5))
  endpoints+=("$scheme://$address:${port[at]}")
  join+=("-retry-join=$address:${port[at + 2]}")
  mkdir -p "$dir/n$i"
  plain=${port[at]} secure=-1
  [ "$scheme" = http ] || { plain=-1 secure=${port[at]}; }
  cat >"$dir/n$i/config.json" <<J
{ "datacenter": "dc1", "node_name": "n$i", "server": true, "bind_addr": "$address", "client_addr": "$address",
  "disable_update_check": true, "disable_host_node_id": true, "session_ttl_min": "1s", "log_level": "INFO",
  "ports": {"http": $plain, "https": $secure, "dns": ${port[at + 1]}, "serf_lan": ${port[at + 2]}, "serf_wan": ${port[at + 3]}, "server": ${port[at + 4]}, "grpc": -1}$more }
J
done
for ((i = 0; i < servers; i++)); do
  storage=(-dev)
  name=consul
  [ "$servers" = 1 ] || { storage=(-data-dir="$dir/n$i/data" "${join[@]}"); name=consul$i; }
  run "$name" "$cache/consul/root/usr/bin/consul" agent "${storage[@]}" -config-file="$dir/n$i/config.json"
done
# A leader alone is not enough: writes and sessions come a little later, and each server has to know.
call() { curl -sf -m 2 "${header[@]}" -X PUT "$1/v1/$2" -d "$3"; }
answers() {
  local endpoint session
  for endpoint in "${endpoints[@]}"; do
    call "$endpoint" kv/_ready x | grep -q true || return 1
    session=$(call "$endpoint" session/create '{"TTL":"10s"}' | sed -n 's/.*"ID": *"\([^"]*\)".*/\1/p')
    [ -n "$session" ] && call "$endpoint" "session/destroy/$session" '' || return 1
  done
}
wait_for 60 answers
echo "ENDPOINT=${endpoints[0]}"
echo "ENDPOINTS=${endpoints[*]}"
[ -z "$token" ] || echo "TOKEN=$token"
[ "$mode" != tls ] || echo "CERTIFICATES=$dir/certificates"
ready
