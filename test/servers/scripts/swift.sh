#!/bin/bash
# swift.sh <dir> <tempauth|keystone> [token life in seconds]: OpenStack Swift: a proxy (slo, dlo, bulk, tempurl, versions; with
# tempauth also s3api) and one server of each kind, one replica; by keystone.sh with a real Keystone (only v3: v2 was removed
# upstream years ago).
set -euo pipefail
. "$(dirname "$0")/lib.sh"
begin "$1"
auth=$2 life=${3:-86400} me=$(id -un)
mapfile -t port < <(ports 6)
identity=http://127.0.0.1:${port[5]}
mkdir -p "$dir"/{etc,node/sda,cache}
cat >"$dir/etc/swift.conf" <<C
[swift-hash]
swift_hash_path_prefix = p
swift_hash_path_suffix = s
[storage-policy:0]
name = gold
default = yes
[swift-constraints]
C
number=1
for kind in account container object; do
  cat >"$dir/etc/$kind-server.conf" <<C
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port[number]}
workers = 0
user = $me
swift_dir = $dir/etc
devices = $dir/node
mount_check = false
disable_fallocate = true
log_level = INFO
[pipeline:main]
pipeline = recon $kind-server
[app:$kind-server]
use = egg:swift#$kind
[filter:recon]
use = egg:swift#recon
recon_cache_path = $dir/cache
[$kind-replicator]
[$kind-updater]
interval = 1
[$kind-auditor]
C
  number=$((number + 1))
done

case $auth in
tempauth)
  auth_pipeline="s3api tempauth"
  auth_filters="[filter:s3api]
use = egg:swift#s3api
[filter:tempauth]
use = egg:swift#tempauth
token_life = $life
user_admin_admin = admin .admin .reseller_admin
user_test_tester = testing .admin
user_test_reader = readonly"
  ;;
keystone)
  . "$scripts/keystone.sh"
  auth_pipeline="authtoken keystoneauth"
  auth_filters="[filter:authtoken]
paste.filter_factory = keystonemiddleware.auth_token:filter_factory
www_authenticate_uri = $identity/v3
auth_url = $identity/v3
auth_type = password
project_domain_id = default
user_domain_id = default
project_name = admin
username = admin
password = adminpw
delay_auth_decision = True
memcached_servers = 127.0.0.1:${port[4]}
token_cache_time = 300
service_token_roles_required = False
[filter:keystoneauth]
use = egg:swift#keystoneauth
operator_roles = admin, member"
  ;;
esac

filters=
for filter in catch_errors gatekeeper healthcheck proxy-logging=proxy_logging listing_formats bulk tempurl copy slo dlo symlink; do
  filters+="[filter:${filter%%=*}]
use = egg:swift#${filter##*=}
"
done
cat >"$dir/etc/proxy-server.conf" <<C
[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port[0]}
workers = 0
user = $me
swift_dir = $dir/etc
expose_info = true
log_level = INFO
[pipeline:main]
pipeline = catch_errors gatekeeper healthcheck proxy-logging cache listing_formats bulk tempurl $auth_pipeline copy slo dlo versioned_writes symlink proxy-logging proxy-server
[app:proxy-server]
use = egg:swift#proxy
allow_account_management = true
account_autocreate = true
$filters
[filter:cache]
use = egg:swift#memcache
memcache_servers = 127.0.0.1:${port[4]}
[filter:versioned_writes]
use = egg:swift#versioned_writes
allow_versioned_writes = true
allow_object_versioning = true
$auth_filters
C
# The three rings in one process: nine runs of swift-ring-builder would take five seconds.
/usr/bin/python3 - "$dir/etc" "${port[@]}" >"$dir/ring.log" 2>&1 <<'PY'
import sys
from swift.common.ring import RingBuilder
for number, kind in enumerate(("account", "container", "object")):
    builder = RingBuilder(4, 1, 0)
    port = int(sys.argv[3 + number])
    builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": port, "replication_ip": "127.0.0.1",
                     "replication_port": port, "device": "sda", "weight": 1.0, "meta": ""})
    builder.rebalance()
    builder.get_ring().save("%s/%s.ring.gz" % (sys.argv[1], kind))
PY
unprivileged=()
[ "$(id -u)" != 0 ] || unprivileged=(-u nobody)
run memcached memcached -l 127.0.0.1 -p "${port[4]}" -U 0 -m 64 "${unprivileged[@]}"
for kind in account container object; do
  run "$kind" /usr/bin/python3 "/usr/bin/swift-$kind-server" "$dir/etc/$kind-server.conf" -v
done
[ "$auth" != keystone ] || start_keystone "${port[5]}" "$life" "http://127.0.0.1:${port[0]}/v1/AUTH_%(tenant_id)s"
run proxy /usr/bin/python3 /usr/bin/swift-proxy-server "$dir/etc/proxy-server.conf" -v
answers() {
  curl -sf -m 2 -o /dev/null "http://127.0.0.1:${port[0]}/healthcheck" || return 1
  local number
  for number in 1 2 3; do curl -sf -m 2 -o /dev/null "http://127.0.0.1:${port[number]}/recon/version" || return 1; done
}
wait_for 90 answers
echo "ENDPOINT=http://127.0.0.1:${port[0]}"
echo "CACHE_PORT=${port[4]}"
if [ "$auth" = tempauth ]; then
  echo "AUTH_URL=http://127.0.0.1:${port[0]}/auth/v1.0"
else
  echo "AUTH_URL=$identity/v3"
fi
ready
