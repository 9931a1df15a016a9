import type { DatabaseSync } from "node:sqlite";

/** Of this program's journal; also in SQLite's `user_version` and in the row "schema" of `meta`, which must agree. */
export const schemaVersion = 1;

/** "DROP": tells our database from any other in SQLite's `application_id`. */
export const applicationId = 0x44524f50;

/** What leads from version N to N + 1, at place N. Version 0 is an empty database. */
const migrations: readonly string[] = [
  `
  CREATE TABLE meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE services (
    service TEXT PRIMARY KEY, body TEXT NOT NULL, crc INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE attempts (
    sequence INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, service TEXT NOT NULL,
    body TEXT NOT NULL, crc INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX attempts_of_service ON attempts (service, sequence);
  CREATE TABLE evidence (
    sequence INTEGER PRIMARY KEY, attempt TEXT NOT NULL UNIQUE, service TEXT NOT NULL, failed INTEGER NOT NULL,
    body TEXT NOT NULL, crc INTEGER NOT NULL
  ) STRICT;
  CREATE INDEX evidence_of_service ON evidence (service, sequence);
  CREATE TABLE audits (sequence INTEGER PRIMARY KEY, body TEXT NOT NULL, crc INTEGER NOT NULL) STRICT;
  CREATE TABLE reserve (filler BLOB) STRICT;
  `,
];

/** Brings a database of version `from` to this program's version, in one transaction. */
export function migrate(database: DatabaseSync, from: number): void {
  database.exec("BEGIN IMMEDIATE");
  for (const step of migrations.slice(from)) database.exec(step);
  database.prepare("INSERT OR REPLACE INTO meta (name, value) VALUES ('schema', ?)").run(schemaVersion);
  database.exec(`PRAGMA user_version = ${schemaVersion}`);
  database.exec(`PRAGMA application_id = ${applicationId}`);
  database.exec("COMMIT");
}
