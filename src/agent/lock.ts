import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { failure } from "../domain/failures/failure.ts";
import { openStateFolder } from "./state-folder.ts";

/** Held while this process may change anything that the state folder speaks of; see docs/decisions/0005-agent-lock.md. */
export interface AgentLock extends Disposable {
  readonly statePath: string;
}

/** The process that holds the lock, as far as it has said so. */
export interface LockHolder {
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
  tellHolder(holderFile, { pid: process.pid, what });
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

/** Who seems to hold the lock, for people: the lock itself is not touched. A process that was killed holds nothing. */
export function lockHolder(statePath: string): LockHolder | undefined {
  const holder = readHolder(join(statePath, "agent.pid"));
  return holder !== undefined && existsSync(`/proc/${holder.pid}`) ? holder : undefined;
}

/** Not in the locked file itself: closing any descriptor of that file in this process would free the lock. */
function tellHolder(file: string, holder: LockHolder): void {
  try {
    writeFileSync(file, JSON.stringify(holder), { mode: 0o600 });
  } catch {
    // For people only: a full disk must not keep an agent from ending what it left open. What an earlier one wrote is wrong.
    rmSync(file, { force: true, recursive: true });
  }
}

function readHolder(file: string): LockHolder | undefined {
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
