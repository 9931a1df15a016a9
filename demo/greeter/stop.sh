# Stops the greeter and waits until it is gone; in real life: systemctl stop greeter
cd "$(dirname "$0")"
[ -e greeter.pid ] || exit 0
pid=$(cat greeter.pid)
kill "$pid"
# Gone is also what has ended while its parent has not looked yet (Z).
while grep -qs '^State:.[^Z]' "/proc/$pid/status"; do sleep 0.01; done
rm greeter.pid
