import { spawn } from "node:child_process";
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";

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
  /** Kills a process and runs it again as it was; what it has on disk is still there. Resolves when it was begun. */
  restart(name: string): Promise<void>;
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

/** Where servers listen, if not on loopback. */
export interface Place {
  readonly address?: string;
}

/**
 * Runs `scripts/<name>.sh` and waits until it says READY. The script ends its servers as soon as its standard input closes,
 * so they go when this process does, however it ends.
 */
export async function startScript(name: string, ...mode: string[]): Promise<StartedScript> {
  return await startScriptAt({}, name, ...mode);
}

export async function startScriptAt({ address }: Place, name: string, ...mode: string[]): Promise<StartedScript> {
  const directory = await mkdtemp(join(tmpdir(), `dropship-${name}-`));
  const script = join(import.meta.dirname, "scripts", `${name}.sh`);
  const kept = Object.entries(process.env).filter(([key]) => environmentKept.includes(key));
  const child = spawn("/bin/bash", [script, directory, ...mode], {
    env: { ...Object.fromEntries(kept), ...(address !== undefined && { DROPSHIP_TEST_ADDRESS: address }) },
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

  const values = new Map<string, string>();
  const processes = new Map<string, number>();
  const heard = (line: string) => {
    const [, process, pid] = /^PID (\S+) (\d+)$/.exec(line) ?? [];
    const [, key, value] = /^([A-Z_\d]+)=(.*)$/.exec(line) ?? [];
    if (process !== undefined) processes.set(process, Number(pid));
    if (key !== undefined) values.set(key, value ?? "");
  };
  if ((await Promise.race([untilReady(child.stdout, heard), expiry(startLimit)])) === undefined) {
    child.kill("SIGTERM");
    await stop();
    throw new Error(`${name} did not start. Is everything installed (test/servers/install.sh)?\n${await complaints}`);
  }
  // The child must not keep the test's process alive; its end closes the pipe, which stops the servers.
  child.unref();
  for (const stream of [child.stdin, child.stdout, child.stderr]) (stream as unknown as { unref(): void }).unref();

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
      async restart(one) {
        const before = processes.get(one);
        child.stdin.write(`restart ${one}\n`);
        const end = performance.now() + stopLimit;
        while (processes.get(one) === before) {
          if (performance.now() > end) throw new Error(`${name}: ${one} did not start again`);
          await sleep(10);
        }
      },
      [Symbol.asyncDispose]: stop,
    },
    value: (key) => {
      const found = values.get(key);
      if (found === undefined) throw new Error(`${name}.sh did not print ${key}`);
      return found;
    },
  };
}

/** Resolves when a line is "READY"; undefined: the output ended without it. Every line is told to `heard`. */
function untilReady(stream: NodeJS.ReadableStream, heard: (line: string) => void): Promise<true | undefined> {
  return new Promise((resolve) => {
    const lines = createInterface({ input: stream });
    lines.on("line", (line) => (line === "READY" ? resolve(true) : heard(line)));
    lines.on("close", () => resolve(undefined));
  });
}

function expiry(milliseconds: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds, undefined).unref());
}
