import { closeSync, openSync, readSync, renameSync, rmSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { failure } from "../../domain/failures/failure.ts";
import { applicationId, migrate, schemaVersion } from "./schema.ts";
import { syncFolder } from "./second-copy.ts";

/** How long a write waits for a reader; a reader's transaction is one small query. */
const busyTimeout = 5000;

/** SQLite's result codes for a file that is no database, or a damaged one: ERROR (an impossible schema), CORRUPT, FORMAT, NOTADB. */
export const damageCodes: ReadonlySet<number> = new Set([1, 11, 24, 26]);

/** What stands where the database should be. */
export type Found =
  | { readonly kind: "absent" }
  | { readonly kind: "good"; readonly database: DatabaseSync; readonly version: number }
  | { readonly kind: "damaged"; readonly reason: string };

/**
 * Opens the database and looks whether it is whole. A database of a newer version is refused before a byte of it is
 * touched; one that cannot be opened for another reason than damage (no rights, no descriptors) is a failure, not damage.
 */
export function inspectDatabase(file: string): Found {
  const size = sizeOf(file);
  if (size === undefined) return { kind: "absent" };
  if (size === 0) return { kind: "damaged", reason: "it is empty" };
  if (!writable(file)) return { kind: "damaged", reason: "its header says that nobody may write it" };
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(file, { timeout: busyTimeout });
    const reason = damageOf(database, file);
    if (reason === undefined) return { kind: "good", database, version: pragma(database, "user_version") };
    database.close();
    return { kind: "damaged", reason };
  } catch (thrown) {
    if (database?.isOpen) database.close();
    const { errcode, message } = thrown as Error & { readonly errcode?: number };
    if (errcode !== undefined && damageCodes.has(errcode & 0xff)) return { kind: "damaged", reason: message };
    throw thrown instanceof Error && errcode === undefined
      ? thrown
      : failure("journal-unusable", { path: file, reason: message }, thrown);
  }
}

/** Bytes 18 and 19, the file format's write and read version: beyond 2 SQLite opens the file, but never writes it. */
function writable(file: string): boolean {
  const header = Buffer.alloc(20);
  const opened = openSync(file, "r");
  try {
    readSync(opened, header, 0, header.length, 0);
  } finally {
    closeSync(opened);
  }
  return [header[18], header[19]].every((version) => version === 1 || version === 2);
}

function damageOf(database: DatabaseSync, file: string): string | undefined {
  if (pragma(database, "application_id") !== applicationId) return "it is not a journal of Dropship";
  const version = pragma(database, "user_version");
  const stated = database.prepare("SELECT value FROM meta WHERE name = 'schema'").get()?.["value"];
  if (stated !== version) return "it does not agree with itself on its version";
  if (version > schemaVersion) throw failure("journal-newer", { path: file, theirs: version, ours: schemaVersion });
  const problem = database.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
  return problem === "ok" ? undefined : String(problem);
}

/** Makes a new, empty database beside the place and moves it there whole: a crash never leaves half of one. */
export function createDatabase(file: string): DatabaseSync {
  const made = `${file}.new`;
  try {
    removeDatabase(made);
    closeSync(openSync(made, "wx", 0o600));
    const database = new DatabaseSync(made, { timeout: busyTimeout });
    database.exec("PRAGMA journal_mode = DELETE; PRAGMA synchronous = FULL;");
    migrate(database, 0);
    database.close();
    renameSync(made, file);
    syncFolder(dirname(file));
    return configure(new DatabaseSync(file, { timeout: busyTimeout }));
  } catch (thrown) {
    throw failure("journal-unusable", { path: file, reason: (thrown as Error).message }, thrown);
  }
}

/** Opens a database that was inspected before. */
export function openDatabase(file: string): DatabaseSync {
  return configure(new DatabaseSync(file, { timeout: busyTimeout }));
}

/**
 * A rollback journal, not a write-ahead log: everything committed is in one file, whose damage is noticed, while a
 * damaged log would end early without a word and take committed updates with it. PERSIST keeps the space of the rollback
 * journal, so that a full disk does not stop an update in the middle of a switch.
 */
function configure(database: DatabaseSync): DatabaseSync {
  database.exec("PRAGMA journal_mode = PERSIST");
  database.exec("PRAGMA synchronous = FULL");
  database.exec("PRAGMA trusted_schema = OFF");
  database.exec("PRAGMA cell_size_check = ON");
  return database;
}

/** Keeps pages free inside the file: the second half of not needing the disk's space in the middle of an update. */
export function keepReserve(database: DatabaseSync): void {
  const pages = 64;
  if (pragma(database, "freelist_count") >= pages / 2) return;
  const bytes = pages * pragma(database, "page_size");
  database.exec("BEGIN IMMEDIATE");
  database.prepare("INSERT INTO reserve (filler) VALUES (zeroblob(?))").run(bytes);
  database.exec("COMMIT");
  database.exec("DELETE FROM reserve");
}

/** Moves a damaged database out of the way, where it can still be looked at. */
export function setAside(file: string, wall: number): string {
  const aside = `${file}.corrupt-${Math.round(wall)}`;
  renameSync(file, aside);
  // The rollback journal belongs to it: left behind, it would be played into the next database of this name.
  if (sizeOf(`${file}-journal`) !== undefined) renameSync(`${file}-journal`, `${aside}-journal`);
  syncFolder(dirname(file));
  return aside;
}

function removeDatabase(file: string): void {
  rmSync(file, { force: true });
  rmSync(`${file}-journal`, { force: true });
}

export function pragma(database: DatabaseSync, name: string): number {
  return Number(database.prepare(`PRAGMA ${name}`).get()?.[name]);
}

function sizeOf(file: string): number | undefined {
  return statSync(file, { throwIfNoEntry: false })?.size;
}
