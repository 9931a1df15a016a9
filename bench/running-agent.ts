import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../src/agent/control/client.ts";
import type { Operations } from "../src/agent/operations.ts";
import { until } from "./measure.ts";

const root = join(import.meta.dirname, "..");
const sourceLauncher = join(root, "bin", "dropship.js");

/** Builds the product as it is installed; gives the path of its launcher. */
export function buildProduct(folder: string): string {
  execFileSync(process.execPath, [join(root, "scripts", "build.ts"), folder], { stdio: "inherit" });
  return join(folder, "bin", "dropship.js");
}

export interface RunningAgent extends AsyncDisposable {
  readonly pid: number;
  readonly operations: Operations;
}

/** Starts the real agent on a configuration in `folder`, and waits until it answers. */
export async function startAgent(
  folder: string,
  configuration: string,
  launcher: string = sourceLauncher,
): Promise<RunningAgent> {
  const statePath = join(folder, "state");
  mkdirSync(statePath, { mode: 0o700, recursive: true });
  const file = join(folder, "dropship.hcl");
  writeFileSync(file, `state_path = "${statePath}"\n${configuration}`);
  const words = [launcher, "agent", "--config", file, "--log-level", "warn"];
  const child = spawn(process.execPath, words, { stdio: ["ignore", "ignore", "inherit"] });
  try {
    const operations = await until("the agent answers", 20_000, () => connect(statePath));
    return { pid: child.pid ?? 0, operations, [Symbol.asyncDispose]: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

/** Resolves when so many services run a release. */
export async function installed({ operations }: RunningAgent, services: number): Promise<void> {
  await until("every service runs", 600_000, async () => {
    await new Promise((resolve) => setTimeout(resolve, 200));
    const states = await operations.status();
    return states.filter(({ running, state }) => running && state === "idle").length === services ? true : undefined;
  });
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await ended;
  clearTimeout(late);
}
