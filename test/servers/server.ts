import { spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";

/** A real server, started for a test. */
export interface Server extends AsyncDisposable {
  /** The server's folder; gone after `stop`. */
  readonly directory: string;
  /** Process ids by name. */
  readonly processes: ReadonlyMap<string, number>;
  /** Stops it and removes its folder. */
  stop(): Promise<void>;
  /** Freezes its processes (all, or those named): connections are accepted by the kernel, nothing answers. */
  pause(...names: string[]): void;
  resume(...names: string[]): void;
}

export interface StartedScript {
  readonly server: Server;
  /** A value that the script printed. */
  value(name: string): string;
}

/** How long a server may take to start on a slow and busy machine. */
const startLimit = 180_000;
const stopLimit = 20_000;
const environmentKept = ["PATH", "HOME", "LANG", "TMPDIR", "DROPSHIP_TEST_CACHE"];

/**
 * Runs `scripts/<name>.sh` and waits until it says READY. The script ends its servers as soon as its standard input closes,
 * so they go when this process does, however it ends.
 */
export async function startScript(name: string, ...mode: string[]): Promise<StartedScript> {
  const directory = await mkdtemp(join(tmpdir(), `dropship-${name}-`));
  const script = join(import.meta.dirname, "scripts", `${name}.sh`);
  const kept = Object.entries(process.env).filter(([key]) => environmentKept.includes(key));
  const child = spawn("/bin/bash", [script, directory, ...mode], {
    env: Object.fromEntries(kept),
    stdio: ["pipe", "pipe", "pipe"],
  });
  const complaints = text(child.stderr);
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()));

  const stop = async () => {
    child.stdin.destroy();
    const late = setTimeout(() => child.kill("SIGTERM"), stopLimit);
    await ended;
    clearTimeout(late);
  };

  const lines = await Promise.race([readUntilReady(child.stdout), expiry(startLimit)]);
  if (lines === undefined) {
    child.kill("SIGTERM");
    await stop();
    throw new Error(`${name} did not start. Is everything installed (test/servers/install.sh)?\n${await complaints}`);
  }
  // The child must not keep the test's process alive; its end closes the pipe, which stops the servers.
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref();

  const values = new Map<string, string>();
  const processes = new Map<string, number>();
  for (const line of lines) {
    const pid = /^PID (\S+) (\d+)$/.exec(line);
    const value = /^([A-Z_]+)=(.*)$/.exec(line);
    if (pid) processes.set(pid[1]!, Number(pid[2]));
    if (value) values.set(value[1]!, value[2]!);
  }
  const signal = (kind: NodeJS.Signals, names: string[]) => {
    for (const [one, pid] of processes) if (names.length === 0 || names.includes(one)) process.kill(pid, kind);
  };
  return {
    server: {
      directory,
      processes,
      stop,
      pause: (...names) => signal("SIGSTOP", names),
      resume: (...names) => signal("SIGCONT", names),
      [Symbol.asyncDispose]: stop,
    },
    value: (key) => {
      const found = values.get(key);
      if (found === undefined) throw new Error(`${name}.sh did not print ${key}`);
      return found;
    },
  };
}

/** The lines before READY, or undefined when the output ends without it. */
function readUntilReady(stream: NodeJS.ReadableStream): Promise<string[] | undefined> {
  return new Promise((resolve) => {
    let output = "";
    stream.setEncoding("utf8");
    stream.on("data", (chunk: string) => {
      output += chunk;
      if (/^READY$/m.test(output)) resolve(output.split("\n"));
    });
    stream.on("end", () => resolve(undefined));
  });
}

function expiry(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, undefined).unref());
}
