import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { failure } from "../domain/failures/failure.ts";
import { openStateFolder } from "./state-folder.ts";

/** Held while this process may change anything that the state folder speaks of; see docs/decisions/0005-agent-lock.md. */
export interface AgentLock extends Disposable {
  readonly statePath: string;
}

interface Holder {
  readonly pid: number;
  readonly what: string;
}

/** SQLite's result codes for "somebody else holds it". */
const busyCodes: ReadonlySet<number> = new Set([5, 6]);

/**
 * Takes the one lock of a state folder, or fails with "agent-running", which names the process that holds it.
 * The kernel frees it when the process ends, however it ends; a stopped process (SIGSTOP) keeps it.
 * `what` says for others what this process is: "agent", "dropship update".
 */
export function takeAgentLock(statePath: string, what: string): AgentLock {
  openStateFolder(statePath);
  const holderFile = join(statePath, "agent.pid");
  const database = lockFile(join(statePath, "agent.lock"), statePath, holderFile);
  // Not in the locked file itself: closing any descriptor of that file in this process would free the lock.
  try {
    writeFileSync(holderFile, JSON.stringify({ pid: process.pid, what } satisfies Holder), { mode: 0o600 });
  } catch (thrown) {
    database.close();
    throw failure("state-folder-unusable", { path: statePath, reason: (thrown as Error).message }, thrown);
  }
  let held = true;
  return {
    statePath,
    [Symbol.dispose]() {
      if (!held) return;
      held = false;
      rmSync(holderFile, { force: true });
      database.close();
    },
  };
}

function lockFile(file: string, statePath: string, holderFile: string): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: 0 });
    database.exec("PRAGMA journal_mode = MEMORY");
    database.exec("BEGIN EXCLUSIVE");
    return database;
  } catch (thrown) {
    database?.close();
    const { errcode, message } = thrown as Error & { readonly errcode?: number };
    if (errcode !== undefined && busyCodes.has(errcode & 0xff)) {
      const holder = readHolder(holderFile);
      throw failure("agent-running", {
        path: statePath,
        pid: holder?.pid.toString() ?? "unknown",
        what: holder?.what ?? "just starting",
      });
    }
    throw failure("state-folder-unusable", { path: statePath, reason: message }, thrown);
  }
}

function readHolder(file: string): Holder | undefined {
  try {
    const read: unknown = JSON.parse(readFileSync(file, "utf8"));
    if (typeof read !== "object" || read === null || !("pid" in read) || !("what" in read)) return undefined;
    return typeof read.pid === "number" && typeof read.what === "string"
      ? { pid: read.pid, what: read.what }
      : undefined;
  } catch {
    return undefined;
  }
}
