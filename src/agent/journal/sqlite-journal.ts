import type { DatabaseSync } from "node:sqlite";
import { Failure, type FailureNote, failure } from "../../domain/failures/failure.ts";
import type { UpdateRecord } from "../../update/record.ts";
import { blankState } from "../../update/service-state.ts";
import { attemptOf, failedAttempt, onlyWaited } from "./attempt.ts";
import { keepReserve, openDatabase } from "./database.ts";
import type { Journal } from "./journal.ts";
import type { Remembered } from "./remembered.ts";
import { type JournalRows, journalRows } from "./rows.ts";
import type { SecondCopy } from "./second-copy.ts";

export interface OpenedJournal {
  readonly file: string;
  readonly database: DatabaseSync;
  readonly second: SecondCopy;
  readonly warn: (note: FailureNote) => void;
  /** What is remembered of every service; afterwards only this process changes it. */
  readonly remembered: ReadonlyMap<string, Remembered>;
  readonly warnings: readonly FailureNote[];
}

/** The journal of the running agent: reads what must be quick from memory, writes both copies before it returns. */
export function sqliteJournal({ file, database, second, warn, remembered: found, warnings }: OpenedJournal): Journal {
  const remembered = new Map(found);
  const connection = lastingConnection(file, database);

  function change(service: string, next: Pick<Remembered, "state"> & Partial<Remembered>, alsoWrite: Writing): void {
    const revision = (remembered.get(service)?.revision ?? 0) + 1;
    const value: Remembered = { ...next, revision };
    connection.write((rows) => {
      rows.remember(service, value);
      alsoWrite(rows);
    });
    remembered.set(service, value);
    try {
      second.write(service, value);
    } catch (thrown) {
      // The database has it: a second copy that lags is brought up at the next change or start.
      const { message: reason } = thrown as Error;
      warn(failure("second-copy-unwritable", { folder: second.folder, reason }, thrown).note);
    }
  }

  const stateOf = (service: string) => remembered.get(service)?.state ?? blankState(service);

  return {
    warnings,
    service: stateOf,
    services: () => [...remembered.values()].map(({ state }) => state),
    unfinished: () => [...remembered.values()].flatMap(({ update }) => update ?? []),
    write(update, state = stateOf(update.service)) {
      if (update.state !== "idle") return change(update.service, { state, update }, nothing);
      change(update.service, { state }, (rows) => archive(rows, update));
      connection.reserve();
    },
    remember(state) {
      const update = remembered.get(state.service)?.update;
      change(state.service, update ? { state, update } : { state }, nothing);
    },
    forget(service) {
      const state = remembered.get(service)?.update?.state;
      if (state !== undefined) throw failure("service-busy", { service, state });
      connection.write((rows) => rows.forget(service));
      remembered.delete(service);
      second.remove(service);
    },
    history: (service, limit) => connection.rows().history(service, limit),
    attempt: (service, id) =>
      id === undefined ? connection.rows().history(service, 1)[0] : connection.rows().attempt(service, id),
    evidence: (id) => connection.rows().evidence(id),
    audit: (entry) => connection.write((rows) => rows.audit(entry)),
    audits: (limit) => connection.rows().audits(limit),
    close: () => connection.close(),
  };
}

type Writing = (rows: JournalRows) => void;

const nothing: Writing = () => {};

function archive(rows: JournalRows, update: UpdateRecord): void {
  const attempt = attemptOf(update);
  const [last] = onlyWaited(attempt) ? rows.history(attempt.service, 1) : [];
  if (last && onlyWaited(last)) rows.dropAttempt(last);
  rows.addAttempt(attempt);
  rows.addEvidence(attempt, failedAttempt(attempt), update.evidence);
}

/** One connection that is made anew after a failure of the disk: what it holds in memory is not trusted any more. */
function lastingConnection(file: string, first: DatabaseSync) {
  let database: DatabaseSync | undefined = first;
  let rows: JournalRows | undefined;
  let closed = false;

  function current(): { readonly database: DatabaseSync; readonly rows: JournalRows } {
    if (closed) throw failure("journal-unusable", { path: file, reason: "it is closed" });
    database ??= openDatabase(file);
    rows ??= journalRows(database);
    return { database, rows };
  }

  function drop(): void {
    const stale = database;
    database = undefined;
    rows = undefined;
    if (stale?.isOpen) stale.close();
  }

  return {
    rows: () => current().rows,
    write(writing: Writing): void {
      try {
        const { database, rows } = current();
        database.exec("BEGIN IMMEDIATE");
        writing(rows);
        database.exec("COMMIT");
      } catch (thrown) {
        // Closing rolls back what was begun.
        drop();
        if (thrown instanceof Failure) throw thrown;
        throw failure("journal-unwritable", { path: file, reason: (thrown as Error).message }, thrown);
      }
    },
    reserve(): void {
      try {
        keepReserve(current().database);
      } catch {
        drop();
      }
    },
    close(): void {
      closed = true;
      drop();
    },
  };
}
