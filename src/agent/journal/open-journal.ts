import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import { type FailureNote, failure } from "../../domain/failures/failure.ts";
import { createDatabase, inspectDatabase, openDatabase, setAside } from "./database.ts";
import type { Journal } from "./journal.ts";
import type { Remembered } from "./remembered.ts";
import { journalRows } from "./rows.ts";
import { migrate, schemaVersion } from "./schema.ts";
import { secondCopy } from "./second-copy.ts";
import { type OpenedJournal, sqliteJournal } from "./sqlite-journal.ts";

export interface JournalPlace {
  /** The state folder; only the agent may enter it. */
  readonly folder: string;
  /** Milliseconds since 1970: names what is set aside. */
  readonly wall: () => number;
  /** Told of what goes wrong later on and stops nothing: the second copy cannot be written. */
  readonly warn?: (note: FailureNote) => void;
}

/** The names below the state folder. */
export function journalFiles(folder: string): { readonly database: string; readonly copies: string } {
  return { database: join(folder, "journal.db"), copies: join(folder, "journal-copy") };
}

/**
 * Opens the journal of the one agent that holds the lock of this folder. What is damaged is rebuilt from its second copy;
 * when both are, nothing is touched and the agent does not start ("journal-lost"): an agent without memory would install
 * what it knew to be bad.
 */
export function openJournal({ folder, wall, warn = () => {} }: JournalPlace): Journal {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const { database: file, copies } = journalFiles(folder);
  const second = secondCopy(copies);
  const { good, bad, newer } = second.read();
  if (newer.length > 0) {
    throw failure("journal-newer", { path: newer.join(", "), theirs: schemaVersion + 1, ours: schemaVersion });
  }
  const found = inspect(file);
  if (found.kind === "good")
    return reconcile({ file, database: found.database, second, warn }, found.remembered, good, bad);
  if (bad.length > 0 || (found.kind === "damaged" && good.size === 0)) {
    throw failure("journal-lost", { database: file, copies, bad: bad.join(", ") || "it is not there" });
  }
  const aside = found.kind === "damaged" ? setAside(file, wall()) : undefined;
  const database = rebuild(file, good);
  const warning =
    good.size === 0
      ? []
      : [
          failure("journal-rebuilt", {
            database: file,
            reason: found.kind === "damaged" ? `damaged (${found.reason})` : "gone",
            aside: aside ? `; the damaged file is kept as ${aside}` : "",
          }).note,
        ];
  return sqliteJournal({ file, database, second, warn, remembered: good, warnings: warning });
}

type Inspected =
  | { readonly kind: "absent" }
  | { readonly kind: "damaged"; readonly reason: string }
  | {
      readonly kind: "good";
      readonly database: DatabaseSync;
      readonly remembered: ReadonlyMap<string, Remembered>;
    };

/** The database with what it remembers, if every row of that is whole. */
function inspect(file: string): Inspected {
  const found = inspectDatabase(file);
  if (found.kind !== "good") return found;
  if (found.version < schemaVersion) migrate(found.database, found.version);
  const remembered = new Map<string, Remembered>();
  for (const [service, value] of journalRows(found.database).remembered()) {
    if (value === undefined) {
      found.database.close();
      return { kind: "damaged", reason: `its memory of service "${service}" has a wrong checksum` };
    }
    remembered.set(service, value);
  }
  found.database.close();
  return { kind: "good", database: openDatabase(file), remembered };
}

/** Both are there: of each service the newer memory counts, and both are brought to it. */
function reconcile(
  { file, database, second, warn }: Pick<OpenedJournal, "file" | "database" | "second" | "warn">,
  inDatabase: ReadonlyMap<string, Remembered>,
  inCopy: ReadonlyMap<string, Remembered>,
  bad: readonly string[],
): Journal {
  const remembered = new Map(inDatabase);
  const rows = journalRows(database);
  const outdated: string[] = [];
  for (const [service, copy] of inCopy) {
    if (copy.revision <= (inDatabase.get(service)?.revision ?? 0)) continue;
    remembered.set(service, copy);
    rows.remember(service, copy);
    outdated.push(service);
  }
  for (const [service, value] of inDatabase) {
    if ((inCopy.get(service)?.revision ?? 0) < value.revision) second.write(service, value);
  }
  const warnings: FailureNote[] = [
    ...(bad.length > 0 ? [failure("second-copy-damaged", { files: bad.join(", ") }).note] : []),
    ...(outdated.length > 0
      ? [failure("journal-outdated", { database: file, services: outdated.join(", ") }).note]
      : []),
  ];
  return sqliteJournal({ file, database, second, warn, remembered, warnings });
}

function rebuild(file: string, good: ReadonlyMap<string, Remembered>): DatabaseSync {
  const database = createDatabase(file);
  const rows = journalRows(database);
  database.exec("BEGIN IMMEDIATE");
  for (const [service, value] of good) rows.remember(service, value);
  database.exec("COMMIT");
  return database;
}
