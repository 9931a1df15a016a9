import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { connect } from "../../src/agent/control/client.ts";
import type { Operations } from "../../src/agent/operations.ts";

const patience = 60_000;

/** Waits until something is so; fails with `what` when it does not come about. */
export async function until<Value>(
  what: string,
  look: () => Promise<Value | undefined | false> | Value | undefined | false,
  within = patience,
) {
  const end = performance.now() + within;
  while (performance.now() < end) {
    const seen = await look();
    if (seen !== undefined && seen !== false) return seen;
    await setTimeout(20);
  }
  throw new Error(`This did not come about within ${within / 1000} s: ${what}`);
}

export interface RunningAgent {
  readonly child: ChildProcess;
  readonly operations: Operations;
  /** Every line of its log so far. */
  log(): string;
  readonly ended: Promise<{ readonly code: number | null; readonly signal: NodeJS.Signals | null }>;
  /** Sends a signal and waits for the end. */
  end(signal?: NodeJS.Signals): RunningAgent["ended"];
}

/** A host of its own in a temporary folder: a store, a configuration, a state folder and any number of agents, one at a time. */
export interface Host {
  readonly folder: string;
  readonly statePath: string;
  path(name: string): string;
  /** Uploads a tar.gz with these files as `<name>.tar.gz`, by one rename. */
  upload(name: string, files: Readonly<Record<string, string>>): void;
  /** Writes the services; other settings of the main file come first. */
  configure(services: string, main?: string): void;
  read(name: string): string | undefined;
  spawn(...flags: string[]): ChildProcess;
  start(): Promise<RunningAgent>;
  clean(): Promise<void>;
}

/** `wrapper`: a program and its arguments that run the agent, such as one that moves it to another network. */
export function createHost(wrapper: readonly string[] = []): Host {
  const folder = mkdtempSync(join(tmpdir(), "dropship-agent-"));
  const statePath = join(folder, "state");
  const children = new Set<ChildProcess>();
  const path = (name: string) => join(folder, name);
  for (const name of ["store", "services", "srv"]) mkdirSync(path(name), { mode: 0o755 });

  const launch = (...flags: string[]) => {
    const entry = join(import.meta.dirname, "agent-entry.ts");
    const [program = "", ...rest] = [...wrapper, process.execPath, entry, path("dropship.hcl"), ...flags];
    const child = spawn(program, rest, {
      stdio: ["ignore", "ignore", "pipe"],
    });
    children.add(child);
    child.once("exit", () => children.delete(child));
    return child;
  };
  return {
    folder,
    statePath,
    path,
    upload(name, files) {
      const content = mkdtempSync(path("content-"));
      for (const [file, text] of Object.entries(files)) writeFileSync(join(content, file), text, { mode: 0o644 });
      execFileSync("tar", ["czf", path(`${name}.new`), "-C", content, "."]);
      renameSync(path(`${name}.new`), path(`store/${name}.tar.gz`));
    },
    configure(services, main = "") {
      writeFileSync(path("services/all.hcl"), services, { mode: 0o644 });
      const settings = `service_path = "${path("services")}"\nstate_path = "${statePath}"\n${main}`;
      writeFileSync(path("dropship.hcl"), settings, { mode: 0o644 });
    },
    read: (name) => (existsSync(path(name)) ? readFileSync(path(name), "utf8") : undefined),
    spawn: launch,
    async start() {
      const child = launch();
      let log = "";
      child.stderr?.setEncoding("utf8").on("data", (chunk) => {
        log += chunk;
      });
      const ended = once(child, "exit").then(([code, signal]) => ({ code, signal }));
      const operations = await until("the agent answers", async () => {
        if (child.exitCode !== null || child.signalCode !== null) throw new Error(`The agent ended: ${log}`);
        return connect(statePath);
      });
      return {
        child,
        operations,
        log: () => log,
        ended,
        end(signal = "SIGTERM") {
          child.kill(signal);
          return ended;
        },
      };
    },
    async clean() {
      await Promise.all(
        [...children].map((child) => {
          const ended = once(child, "exit");
          child.kill("SIGKILL");
          return ended;
        }),
      );
      rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

/** A service that follows `store/<object>.tar.gz` into `srv/<name>`. */
export function service(host: Host, name: string, more = "", object = name): string {
  return `
service "${name}" {
  checkInterval = "200ms"
  artifact "file" {
    path = "${host.path(`store/${object}.tar.gz`)}"
    destination = "${host.path(`srv/${name}`)}"
  }
  ${more}
}
`;
}
