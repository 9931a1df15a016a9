import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { connect } from "../src/agent/control/client.ts";
import type { Operations } from "../src/agent/operations.ts";
import { until } from "./measure.ts";

const launcher = join(import.meta.dirname, "..", "bin", "dropship.js");

export interface RunningAgent extends AsyncDisposable {
  readonly pid: number;
  readonly operations: Operations;
}

/** Starts the real agent on a configuration in `folder`, and waits until every service runs a release. */
export async function startAgent(folder: string, configuration: string, services: number): Promise<RunningAgent> {
  const statePath = join(folder, "state");
  mkdirSync(statePath, { mode: 0o700 });
  const file = join(folder, "dropship.hcl");
  writeFileSync(file, `state_path = "${statePath}"\n${configuration}`);
  const child = spawn(process.execPath, [launcher, "agent", "--config", file, "--log-level", "warn"], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  try {
    const operations = await until("the agent answers", 20_000, () =>
      existsSync(statePath) ? connect(statePath) : undefined,
    );
    await until("every service runs", 600_000, async () => {
      const states = await operations.status();
      await new Promise((resolve) => setTimeout(resolve, 200));
      const installed = states.filter(({ running, state }) => running !== undefined && state === "idle");
      return installed.length === services ? true : undefined;
    });
    return { pid: child.pid ?? 0, operations, [Symbol.asyncDispose]: () => stop(child) };
  } catch (error) {
    await stop(child);
    throw error;
  }
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const late = setTimeout(() => child.kill("SIGKILL"), 20_000);
  await ended;
  clearTimeout(late);
}
