#!/bin/bash
# etcd.sh <dir> [auth|3|tls]: one etcd; with "auth" everybody has to log in, with "tls" it wants a certificate of the client, "3" is
# a cluster of three members.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
. "$(dirname "$0")/certificates.sh"
begin "$1"
mode=${2:-}
members=1 scheme=http secure=() trust=()
[ "$mode" != 3 ] || members=3
if [ "$mode" = tls ]; then
  certificates "$dir/certificates"
  scheme=https
  at=$dir/certificates
  secure=(--cert-file "$at/server.pem" --key-file "$at/server.key" --client-cert-auth --trusted-ca-file "$at/ca.pem")
  trust=(--cacert "$at/ca.pem" --cert "$at/client.pem" --key "$at/client.key")
fi
mapfile -t port < <(ports $((members * 2)))
endpoints=() cluster=()
for ((i = 0; i < members; i++)); do
  endpoints+=("$scheme://$address:${port[i * 2]}")
  cluster+=("n$i=http://$address:${port[i * 2 + 1]}")
done
for ((i = 0; i < members; i++)); do
  peer=http://$address:${port[i * 2 + 1]}
  # The disk is not what is tested: without fsync a member is ready ten times as fast.
  run "etcd$i" etcd --name "n$i" --data-dir "$dir/n$i" --unsafe-no-fsync --heartbeat-interval 50 --election-timeout 500 \
    --listen-client-urls "${endpoints[i]}" --advertise-client-urls "${endpoints[i]}" \
    --listen-peer-urls "$peer" --initial-advertise-peer-urls "$peer" \
    --initial-cluster "$(IFS=,; echo "${cluster[*]}")" --initial-cluster-state new --initial-cluster-token "t$$" "${secure[@]}"
done
answers() {
  local endpoint
  for endpoint in "${endpoints[@]}"; do curl -sf -m 2 "${trust[@]}" "$endpoint/health" | grep -q '"health":"true"' || return 1; done
}
wait_for 60 answers
if [ "$mode" = auth ]; then
  call() { curl -sSf -m 5 -o /dev/null "${endpoints[0]}/v3/auth/$1" -d "$2"; }
  call user/add '{"name":"root","password":"rootpw"}'
  call role/add '{"name":"root"}'
  call user/grant '{"user":"root","role":"root"}'
  # A user that may do what a host needs and no more: all keys from "dropship/" to before "dropship0".
  from=$(printf dropship/ | base64) to=$(printf dropship0 | base64)
  call user/add '{"name":"host","password":"hostpw"}'
  call role/add '{"name":"rollouts"}'
  call role/grant "{\"name\":\"rollouts\",\"perm\":{\"permType\":\"READWRITE\",\"key\":\"$from\",\"range_end\":\"$to\"}}"
  call user/grant '{"user":"host","role":"rollouts"}'
  call enable '{}'
fi
echo "ENDPOINTS=${endpoints[*]}"
[ "$mode" != tls ] || echo "CERTIFICATES=$dir/certificates"
ready
