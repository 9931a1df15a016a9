import { agentDoors } from "./cli/agent-doors.ts";
import { runCommandLine } from "./cli/run-command-line.ts";
import { diskPorts } from "./config/disk.ts";
import { failure } from "./domain/failures/failure.ts";
import { askSecret } from "./platform/ask-secret.ts";
import { systemClock } from "./platform/clock.ts";

// A reader that went away ("dropship logs web | head") is no failure, and must not end an update half-way.
for (const stream of [process.stdout, process.stderr]) stream.on("error", () => undefined);

const interruptions = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

const code = await runCommandLine(process.argv.slice(2), {
  environment: process.env,
  out: process.stdout,
  err: process.stderr,
  doors: agentDoors,
  configPorts: diskPorts,
  now: systemClock.wall,
  askSecret: process.stdin.isTTY && process.stderr.isTTY ? askPerson : undefined,
  onInterrupt(interrupted) {
    for (const signal of interruptions) process.on(signal, interrupted);
    return {
      [Symbol.dispose]() {
        for (const signal of interruptions) process.off(signal, interrupted);
      },
    };
  },
});

// What a stopped agent left open (connections, timers) is not waited for; what was printed is.
await Promise.all([process.stdout, process.stderr].map(written));
process.exit(code);

function askPerson(question: string): Promise<string> {
  const stopped = () => failure("stopped-looking", {});
  return askSecret(question, process.stdin, (text) => void process.stderr.write(text), stopped);
}

function written(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    if (stream.destroyed || !stream.writable) resolve();
    else stream.write("", () => resolve());
  });
}
