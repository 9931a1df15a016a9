#!/bin/bash
# nginx.sh <dir> [tls]: serves <dir>/www with ETag, Last-Modified and ranges; and the same files under
#   /slow/ 100 KiB/s        /auth/ basic auth user:pass       /bearer/ "Authorization: Bearer token"
#   /flaky/ half are 503    /cut/ cut after 64 KiB            /noetag/ no ETag       /norange/ ranges ignored
#   /redir/ 302 to /...     /put/ PUT and DELETE              /busy/ 503 with Retry-After: 1      /forbidden/ 403
set -euo pipefail
. "$(dirname "$0")/lib.sh"
begin "$1"
tls=${2:-}
mapfile -t port < <(ports 2)
mkdir -p "$dir"/{www,tmp}
secure=
if [ "$tls" = tls ]; then
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 30 -subj /CN=localhost \
    -addext 'subjectAltName=DNS:localhost,IP:127.0.0.1' -keyout "$dir/key.pem" -out "$dir/cert.pem" 2>/dev/null
  secure="listen 127.0.0.1:${port[1]} ssl; ssl_certificate $dir/cert.pem; ssl_certificate_key $dir/key.pem;"
fi
printf 'user:%s\n' "$(openssl passwd -apr1 pass)" >"$dir/htpasswd"
user=
[ "$(id -u)" != 0 ] || user="user $(id -un) $(id -gn);"
cat >"$dir/nginx.conf" <<C
daemon off; master_process off; pid $dir/nginx.pid; error_log stderr warn; $user
events { worker_connections 512; }
http {
  access_log $dir/access; default_type application/octet-stream; sendfile on; keepalive_timeout 75;
  client_body_temp_path $dir/tmp/b; proxy_temp_path $dir/tmp/p; fastcgi_temp_path $dir/tmp/f;
  uwsgi_temp_path $dir/tmp/u; scgi_temp_path $dir/tmp/s;
  split_clients "\$request_id" \$flaky { 50% 1; * 0; }
  map \$http_authorization \$stranger { "Bearer token" 0; default 1; }
  server {
    listen 127.0.0.1:${port[0]}; $secure server_name localhost; root $dir/www; client_max_body_size 0;
    location / { }
    location /slow/ { alias $dir/www/; limit_rate 100k; }
    location /auth/ { alias $dir/www/; auth_basic x; auth_basic_user_file $dir/htpasswd; }
    location /bearer/ { alias $dir/www/; if (\$stranger) { return 401; } }
    location /flaky/ { alias $dir/www/; if (\$flaky) { return 503; } }
    location /cut/ { proxy_pass http://127.0.0.1:${port[0]}/_cut/; proxy_buffering off; proxy_read_timeout 1s; }
    location /_cut/ { alias $dir/www/; limit_rate_after 64k; limit_rate 1; sendfile off; }
    location /noetag/ { alias $dir/www/; etag off; }
    location /norange/ { alias $dir/www/; max_ranges 0; }
    location /redir/ { rewrite ^/redir/(.*) /\$1 redirect; }
    location /busy/ { add_header Retry-After 1 always; return 503; }
    location /forbidden/ { return 403; }
    location /put/ { alias $dir/www/; dav_methods PUT DELETE; create_full_put_path on; }
  }
}
C
run nginx nginx -c "$dir/nginx.conf" -p "$dir"
answers() { curl -s -m 2 -o /dev/null "http://127.0.0.1:${port[0]}/"; }
wait_for 20 answers
echo "ENDPOINT=http://127.0.0.1:${port[0]}"
echo "WWW=$dir/www"
[ -z "$secure" ] || printf 'SECURE_ENDPOINT=https://localhost:%s\nCERTIFICATE=%s\n' "${port[1]}" "$dir/cert.pem"
ready
