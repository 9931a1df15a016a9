import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { systemPorts } from "../../src/agent/agent-ports.ts";
import { storeOf } from "../../src/agent/store-of.ts";
import { diskPorts } from "../../src/config/disk.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import type { RolloutRecord } from "../../src/domain/rollout/record.ts";
import { decodeRecord, encodeRecord } from "../../src/domain/rollout/record-text.ts";
import type { HostReport } from "../../src/domain/rollout/report.ts";
import { encodeReport } from "../../src/domain/rollout/report-text.ts";
import type { Store } from "../../src/drivers/stores/store.ts";
import type { Logger } from "../../src/platform/ports.ts";
import { encodeName, type Space, spaceOf } from "../../src/rollout/keys.ts";

const entry = join(import.meta.dirname, "..", "..", "bin", "dropship.js");
const quiet: Logger = { log: () => undefined, with: () => quiet };
const signal = AbortSignal.timeout(170_000);

export interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** A machine with nothing but a configuration, and what stands in the store that it names. */
export interface OperatorMachine extends Disposable {
  readonly folder: string;
  /** Runs the real command line in a process of its own. */
  dropship(...words: string[]): Promise<Ended>;
  start(...words: string[]): {
    readonly child: ChildProcess;
    readonly ended: Promise<Ended>;
    readonly out: () => string;
  };
  readonly store: Store;
  /** What is in the store of one service from now on. */
  fill(service: string, record: RolloutRecord | string | undefined, reports?: readonly HostReport[]): Promise<void>;
  record(service: string): Promise<RolloutRecord>;
  beat(
    service: string,
    host: string,
    beat: { readonly attempt: string; readonly number: number; readonly at: number },
  ): Promise<void>;
}

/**
 * `main`: the blocks that name the store. Its services are web, database, pause (all coordinated) and lonely (not); their
 * artifacts are files, or what `artifact` says.
 */
export function operatorMachine(main: string, artifact?: (name: string) => string): OperatorMachine {
  const folder = mkdtempSync(join(tmpdir(), "dropship-operator-"));
  const followed = artifact ?? ((name: string) => `"file" {\n    path = "${folder}/${name}.tar.gz"`);
  const file = join(folder, "dropship.hcl");
  const service = (name: string, more: string) =>
    `service "${name}" {\n  ${more}\n  artifact ${followed(name)}\n    destination = "${folder}/srv/${name}"\n  }\n}\n`;
  const rollout = "rollout { limit = 1 }";
  const text = [main, ...["web", "database", "pause"].map((name) => service(name, rollout)), service("lonely", "")];
  writeFileSync(file, text.join("\n"), { mode: 0o600 });
  const { configuration, diagnostics } = loadConfiguration(file, diskPorts());
  const [web] = configuration?.services ?? [];
  if (web === undefined) throw new Error(JSON.stringify(diagnostics));
  const store = storeOf(web, systemPorts(quiet));
  const start: OperatorMachine["start"] = (...words) => run(words, file);
  const space = (name: string): Space => spaceOf(name, "default");
  return {
    folder,
    store,
    start,
    dropship: (...words) => start(...words).ended,
    async fill(name, record, reports = []) {
      const { record: key, reports: below } = space(name);
      for (const old of await store.list(below, signal)) await store.remove(old, signal);
      for (const one of reports) await store.put(`${below}${encodeName(one.host)}`, encodeReport(one), signal);
      if (record === undefined) await store.remove(key, signal);
      else await store.put(key, typeof record === "string" ? bytes(record) : encodeRecord(record), signal);
    },
    async record(name) {
      const found = await store.read(space(name).record, signal);
      if (found === undefined) throw new Error(`${name} has no record`);
      return decodeRecord(found.bytes);
    },
    beat: (name, host, beat) =>
      store.put(`${space(name).beats}${encodeName(host)}`, bytes(JSON.stringify({ host, ...beat })), signal),
    [Symbol.dispose]() {
      store.close();
      rmSync(folder, { recursive: true });
    },
  };
}

function bytes(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function run(words: readonly string[], main: string): ReturnType<OperatorMachine["start"]> {
  const child = spawn(process.execPath, [entry, ...words, "--config", main], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] ?? "", SUDO_USER: "ann" },
    timeout: 60_000,
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (piece) => {
    out += piece;
  });
  child.stderr.on("data", (piece) => {
    err += piece;
  });
  const ended = new Promise<Ended>((resolve) => {
    child.on("close", (code) => resolve({ code, out, err }));
  });
  return { child, ended, out: () => out };
}
