import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { text } from "node:stream/consumers";

const launcher = join(import.meta.dirname, "..", "bin", "dropship.js");
/** No command takes longer, and no agent to stop. */
const limit = 30_000;

/** One line of an agent's log. */
export interface LogLine {
  readonly event: string;
  readonly level: string;
  readonly state?: string;
  readonly outcome?: string;
  readonly problem?: string;
  readonly why?: string;
}

export interface Agent {
  /** Undefined while it runs. */
  exitCode(): number | undefined;
  stop(): Promise<void>;
}

/** Starts the real agent as a process of its own; every line of its log is handed on. */
export function startAgent(configFile: string, onLine: (line: LogLine) => void): Agent {
  const child = spawn(process.execPath, [launcher, "agent", "--config", configFile, "--log-level", "debug"], {
    stdio: ["ignore", "ignore", "pipe"],
  });
  createInterface({ input: child.stderr }).on("line", (text) => onLine(parsed(text)));
  return { exitCode: () => (hasEnded(child) ? (child.exitCode ?? -1) : undefined), stop: () => stop(child) };
}

function parsed(text: string): LogLine {
  try {
    return JSON.parse(text) as LogLine;
  } catch {
    return { event: text, level: "error" };
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.exitCode !== null || child.signalCode !== null;
}

async function stop(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
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
