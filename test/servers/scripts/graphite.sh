#!/bin/bash
# graphite.sh <dir>: graphite-web (events: POST /events/, GET /events/get_data) on a database of its own.
set -euo pipefail
. "$(dirname "$0")/lib.sh"
begin "$1"
mapfile -t port < <(ports 1)
mkdir -p "$dir"/{whisper,log}
cat >"$dir/test_settings.py" <<C
from graphite.settings import *
SECRET_KEY = 'test'
DEBUG = False
ALLOWED_HOSTS = ['*']
TIME_ZONE = 'UTC'
LOG_DIR = '$dir/log'
STORAGE_DIR = '$dir'
CONF_DIR = '$dir'
INDEX_FILE = '$dir/index'
WHISPER_DIR = '$dir/whisper'
STANDARD_DIRS = ['$dir/whisper']
CARBONLINK_HOSTS = []
DATABASES = {'default': {'NAME': '$dir/graphite.db', 'ENGINE': 'django.db.backends.sqlite3', 'OPTIONS': {'timeout': 20}}}
WHITENOISE_ROOT = None
C
export PYTHONPATH=$dir DJANGO_SETTINGS_MODULE=test_settings
/usr/bin/django-admin migrate --run-syncdb -v0 >"$dir/migrate.log" 2>&1
run web /usr/bin/gunicorn -b "127.0.0.1:${port[0]}" -w 1 --threads 4 graphite.wsgi:application
answers() { curl -sf -m 3 -o /dev/null "http://127.0.0.1:${port[0]}/events/get_data"; }
wait_for 60 answers
echo "ENDPOINT=http://127.0.0.1:${port[0]}"
ready
