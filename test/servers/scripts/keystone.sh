# Sourced by swift.sh: a real Keystone on sqlite. A new database takes nine seconds to make, so one is kept in the cache folder
# and copied; it knows its own address by a placeholder port, which is replaced.

manage() { OS_KEYSTONE_CONFIG_DIR=$1 /usr/bin/keystone-manage --config-file "$1/keystone.conf" "${@:2}"; }

write_keystone_config() { # <folder> <token life>
  cat >"$1/keystone.conf" <<C
[DEFAULT]
log_file =
use_stderr = true
log_dir =
[database]
connection = sqlite:///$1/keystone.db?timeout=30
[token]
provider = fernet
expiration = $2
allow_expired_window = 0
[fernet_tokens]
key_repository = $1/fernet
[fernet_receipts]
key_repository = $1/fernet
[credential]
key_repository = $1/credential
[cache]
enabled = false
[oslo_policy]
policy_file = /nonexistent
[identity]
password_hash_rounds = 4
C
}

make_keystone_seed() { # <folder that does not exist yet>
  local made=$1.$$ owner
  owner=(--keystone-user "$(id -un)" --keystone-group "$(id -gn)")
  rm -rf "$made"
  mkdir -p "$made"
  mkdir -m 700 "$made/fernet" "$made/credential"
  write_keystone_config "$made" 3600
  manage "$made" db_sync
  manage "$made" fernet_setup "${owner[@]}"
  manage "$made" credential_setup "${owner[@]}"
  manage "$made" bootstrap --bootstrap-password adminpw --bootstrap-username admin --bootstrap-project-name admin \
    --bootstrap-role-name admin --bootstrap-service-name keystone --bootstrap-region-id RegionOne \
    --bootstrap-public-url http://127.0.0.1:1/v3 --bootstrap-internal-url http://127.0.0.1:1/v3 \
    --bootstrap-admin-url http://127.0.0.1:1/v3
  # One writer, and readers that never wait for it: else "database is locked" answers 500.
  /usr/bin/python3 -c 'import sqlite3,sys; sqlite3.connect(sys.argv[1]).execute("pragma journal_mode=wal")' "$made/keystone.db"
  rm "$made/keystone.conf"
  mv -T "$made" "$1" || rm -rf "$made" # another run was faster: its seed is as good
}

start_keystone() { # <port> <token life> <template of the Swift address>
  local version seed home=$dir/keystone
  version=$(dpkg-query -W -f '${Version}' keystone)
  seed=$cache/keystone-$(id -u)-${version//[^0-9a-zA-Z.]/_}
  [ -d "$seed" ] || [ -w "$cache" ] || seed=$dir/keystone-seed
  [ -d "$seed" ] || make_keystone_seed "$seed" >"$dir/keystone-seed.log" 2>&1
  cp -a "$seed" "$home"
  write_keystone_config "$home" "$2"
  /usr/bin/python3 - "$home/keystone.db" "$1" "$3" <<'PY'
import sqlite3, sys, uuid
database, port, swift = sys.argv[1:]
connection = sqlite3.connect(database)
connection.execute("update endpoint set url = replace(url, '127.0.0.1:1/', '127.0.0.1:' || ? || '/')", (port,))
service = uuid.uuid4().hex
connection.execute("insert into service (id, type, enabled, extra) values (?, 'object-store', 1, '{\"name\": \"swift\"}')", (service,))
for interface in ("public", "internal"):
    connection.execute(
        "insert into endpoint (id, interface, service_id, url, extra, enabled, region_id) values (?, ?, ?, ?, '{}', 1, 'RegionOne')",
        (uuid.uuid4().hex, interface, service, swift))
connection.commit()
PY
  # Its configuration library would read the arguments of gunicorn.
  printf "import sys\nsys.argv = ['keystone']\nfrom keystone.server.wsgi import initialize_public_application\napplication = initialize_public_application()\n" >"$home/app.py"
  OS_KEYSTONE_CONFIG_DIR=$home run keystone /usr/bin/gunicorn -b "127.0.0.1:$1" -w 1 --chdir "$home" app:application
  keystone_answers() { curl -sf -m 5 -o /dev/null "http://127.0.0.1:${port[5]}/v3"; }
  wait_for 60 keystone_answers
}
