# Starts the release that the destination now points at; in real life: systemctl start greeter
cd "$(dirname "$0")"
setsid "$NODE" greeter/server.js >>greeter.log 2>&1 </dev/null &
echo $! >greeter.pid
