import { type ChildProcess, spawn } from "node:child_process";
import { EventEmitter, once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

const launcher = join(import.meta.dirname, "..", "bin", "dropship.js");
/** Nothing in the demo takes longer. */
const limit = 30_000;

/** One line of the agent's log. */
export interface LogLine {
  readonly event: string;
  readonly level: string;
  readonly state?: string;
  readonly outcome?: string;
  readonly problem?: string;
  readonly remedy?: string;
}

export interface Agent {
  /** Resolves when the next update has ended, with what the agent says of it. */
  nextUpdate(): Promise<LogLine>;
  stop(): Promise<void>;
}

/** Starts the real agent as a process of its own; every line of its log is handed on. */
export async function startAgent(configFile: string, onLine: (line: LogLine) => void): Promise<Agent> {
  const child = spawn(process.execPath, [launcher, "agent", "--config", configFile, "--log-level", "debug"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  const heard = new EventEmitter();
  createInterface({ input: child.stderr }).on("line", (text) => {
    const line = parsed(text);
    onLine(line);
    heard.emit(line.event, line);
  });
  const next = (event: string) => {
    const { promise, resolve, reject } = Promise.withResolvers<LogLine>();
    const late = setTimeout(
      () => reject(new Error(`The agent said nothing of "${event}" within ${limit / 1000} s.`)),
      limit,
    );
    heard.once(event, resolve);
    child.once("exit", (code) => reject(new Error(`The agent ended with exit code ${code}.`)));
    const ended = promise.finally(() => clearTimeout(late));
    // Whoever stopped waiting for it does not hear that it will not come.
    ended.catch(() => undefined);
    return ended;
  };
  await next("the agent runs");
  return { nextUpdate: () => next("an update ended"), stop: () => stop(child) };
}

function parsed(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { event: text, level: "info" };
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), limit);
  await ended;
  clearTimeout(late);
}

/** Runs a dropship command and gives back what it printed. */
export async function dropship(configFile: string, ...words: readonly string[]): Promise<string> {
  const colour = process.stdout.isTTY && !process.env["NO_COLOR"] ? { FORCE_COLOR: "1" } : {};
  const child = spawn(process.execPath, [launcher, ...words], {
    env: { ...process.env, ...colour, DROPSHIP_CONFIG: configFile },
    stdio: ["ignore", "pipe", "inherit"],
    timeout: limit,
  });
  return await text(child.stdout);
}
