# Waits until the demo has ended, in whatever way: then its end of our input is closed. Leaves nothing of it behind, unless the
# demo said "keep". The folder comes in the environment, so that no command line but those of the demo has it.
trap "" INT HUP
read -r word && [ "$word" = keep ] && exit

ended_all() {
  found=
  for process in /proc/[0-9]*; do
    { command=$(tr "\0" " " <"$process/cmdline"); place=$(readlink "$process/cwd"); } 2>/dev/null
    case "$place: $command" in
      *"--config $FOLDER/"* | *"bash $FOLDER/"* | "$FOLDER/"*" greeter/server.js "*)
        found=yes
        kill -KILL "${process#/proc/}" 2>/dev/null
        ;;
    esac
  done
  [ -z "$found" ]
}

for _ in $(seq 100); do
  ended_all && break
  sleep 0.05
done
rm -rf "$FOLDER"
