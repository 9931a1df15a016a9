# Stops the greeter and waits until it is gone; in real life: systemctl stop greeter
cd "$(dirname "$0")"
[ -e greeter.pid ] || exit 0
kill "$(cat greeter.pid)"
while kill -0 "$(cat greeter.pid)" 2>/dev/null; do sleep 0.01; done
rm greeter.pid
