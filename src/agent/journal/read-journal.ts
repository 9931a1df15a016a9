import { existsSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import { failure } from "../../domain/failures/failure.ts";
import { blankState } from "../../update/service-state.ts";
import { damageCodes, pragma } from "./database.ts";
import type { JournalReader } from "./journal.ts";
import { journalFiles } from "./open-journal.ts";
import type { Remembered } from "./remembered.ts";
import { type JournalRows, journalRows } from "./rows.ts";
import { schemaVersion } from "./schema.ts";
import { secondCopy } from "./second-copy.ts";

/** How long a reader waits for the agent's write. */
const busyTimeout = 2000;

/** SQLite's code for "somebody crashed while writing, and this connection may not tidy up". */
const hotJournal = 776;

/**
 * Reads the journal of a state folder, whether an agent runs or not, and changes nothing. A damaged database is read from
 * its second copy, without history; nothing at all reads as a journal that remembers nothing.
 */
export function readJournal(folder: string): JournalReader {
  const { database: file, copies } = journalFiles(folder);
  const opened = existsSync(file) ? openForReading(file) : undefined;
  const rows = opened && journalRows(opened);
  const fromCopy = rows ? undefined : secondCopy(copies).read().good;
  const all = (): readonly Remembered[] => [...(rows ? whole(rows) : (fromCopy?.values() ?? []))];
  const one = (service: string) => (rows ? rows.oneRemembered(service) : fromCopy?.get(service));
  return {
    service: (service) => one(service)?.state ?? blankState(service),
    services: () => all().map(({ state }) => state),
    unfinished: () => all().flatMap(({ update }) => update ?? []),
    history: (service, limit) => rows?.history(service, limit) ?? [],
    attempt: (service, id) => (id === undefined ? rows?.history(service, 1)[0] : rows?.attempt(service, id)),
    evidence: (id) => rows?.evidence(id) ?? [],
    audits: (limit) => rows?.audits(limit) ?? [],
    close: () => opened?.close(),
  };
}

function whole(rows: JournalRows): readonly Remembered[] {
  return [...rows.remembered().values()].flatMap((remembered) => remembered ?? []);
}

/** `undefined` for a database that is damaged. */
function openForReading(file: string): DatabaseSync | undefined {
  try {
    return checked(new DatabaseSync(file, { readOnly: true, timeout: busyTimeout }), file);
  } catch (thrown) {
    if ((thrown as { errcode?: number }).errcode !== hotJournal) return damagedOrThrow(thrown, file);
  }
  try {
    // The same tidying that the next agent would do; SQLite locks it against everybody else.
    const database = new DatabaseSync(file, { timeout: busyTimeout });
    database.exec("PRAGMA query_only = ON");
    return checked(database, file);
  } catch (thrown) {
    return damagedOrThrow(thrown, file);
  }
}

function checked(database: DatabaseSync, file: string): DatabaseSync {
  const theirs = pragma(database, "user_version");
  if (theirs > schemaVersion) throw failure("journal-newer", { path: file, theirs, ours: schemaVersion });
  database.prepare("SELECT count(*) FROM services").get();
  return database;
}

function damagedOrThrow(thrown: unknown, file: string): undefined {
  const { errcode, message } = thrown as Error & { readonly errcode?: number };
  if (errcode === undefined) throw thrown;
  if (damageCodes.has(errcode & 0xff)) return undefined;
  throw failure("journal-unusable", { path: file, reason: message }, thrown);
}
