import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EvidenceLine } from "../../update/record.ts";
import type { Attempt } from "../operations.ts";
import type { AuditEntry } from "./journal.ts";
import type { Remembered } from "./remembered.ts";
import { seal, unseal } from "./sealed.ts";

/** Of each service. */
export const keptAttempts = 200;
/** Of each service: what was observed in failed attempts. Of the last attempt it is kept in any case. */
export const keptEvidence = 10;
const keptAudits = 1000;

/** The statements of the journal; a row whose checksum is wrong is not there. */
export function journalRows(database: DatabaseSync) {
  const statement = lazily(database);
  return { ...memoryRows(statement), ...attemptRows(statement), ...auditRows(statement) };
}

export type JournalRows = ReturnType<typeof journalRows>;
type Statement = (sql: string) => StatementSync;

/** What must never be lost of each service. */
function memoryRows(statement: Statement) {
  return {
    /** Every service; `undefined` for one whose row is damaged. */
    remembered(): ReadonlyMap<string, Remembered | undefined> {
      const rows = statement("SELECT service, body, crc FROM services ORDER BY service").all();
      return new Map(rows.map((row) => [String(row["service"]), unsealRow<Remembered>(String(row["service"]), row)]));
    },
    oneRemembered(service: string): Remembered | undefined {
      const row = statement("SELECT body, crc FROM services WHERE service = ?").get(service);
      return row && unsealRow<Remembered>(service, row);
    },
    remember(service: string, remembered: Remembered): void {
      const { body, crc } = seal(service, remembered);
      statement("INSERT OR REPLACE INTO services (service, body, crc) VALUES (?, ?, ?)").run(service, body, crc);
    },
    forget(service: string): void {
      for (const table of ["services", "attempts", "evidence"]) {
        statement(`DELETE FROM ${table} WHERE service = ?`).run(service);
      }
    },
  };
}

/** Ended updates, and what was observed during them. */
function attemptRows(statement: Statement) {
  return {
    addAttempt(attempt: Attempt): void {
      const { id, service } = attempt;
      const { body, crc } = seal(`${service} ${id}`, attempt);
      statement("INSERT OR REPLACE INTO attempts (id, service, body, crc) VALUES (?, ?, ?, ?)").run(
        id,
        service,
        body,
        crc,
      );
      statement(
        `DELETE FROM attempts WHERE service = ?1 AND sequence <=
         (SELECT sequence FROM attempts WHERE service = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ${keptAttempts})`,
      ).run(service);
    },
    dropAttempt({ id, service }: Attempt): void {
      statement("DELETE FROM attempts WHERE service = ? AND id = ?").run(service, id);
    },
    addEvidence({ id, service }: Attempt, failed: boolean, lines: readonly EvidenceLine[]): void {
      statement("DELETE FROM evidence WHERE service = ? AND failed = 0").run(service);
      if (lines.length === 0) return;
      const { body, crc } = seal(id, lines);
      statement("INSERT OR REPLACE INTO evidence (attempt, service, failed, body, crc) VALUES (?, ?, ?, ?, ?)").run(
        id,
        service,
        failed ? 1 : 0,
        body,
        crc,
      );
      statement(
        `DELETE FROM evidence WHERE service = ?1 AND sequence <=
         (SELECT sequence FROM evidence WHERE service = ?1 ORDER BY sequence DESC LIMIT 1 OFFSET ${keptEvidence})`,
      ).run(service);
    },
    history(service: string, limit: number): readonly Attempt[] {
      const rows = statement("SELECT id, body, crc FROM attempts WHERE service = ? ORDER BY sequence DESC LIMIT ?").all(
        service,
        limit,
      );
      return rows.flatMap((row) => unsealRow<Attempt>(`${service} ${row["id"]}`, row) ?? []);
    },
    attempt(service: string, id: string): Attempt | undefined {
      const row = statement("SELECT body, crc FROM attempts WHERE service = ? AND id = ?").get(service, id);
      return row && unsealRow<Attempt>(`${service} ${id}`, row);
    },
    evidence(id: string): readonly EvidenceLine[] {
      const row = statement("SELECT body, crc FROM evidence WHERE attempt = ?").get(id);
      return (row && unsealRow<readonly EvidenceLine[]>(id, row)) ?? [];
    },
  };
}

/** What operators did. */
function auditRows(statement: Statement) {
  return {
    audit(entry: AuditEntry): void {
      const { body, crc } = seal("audit", entry);
      statement("INSERT INTO audits (body, crc) VALUES (?, ?)").run(body, crc);
      statement(
        `DELETE FROM audits WHERE sequence <= (SELECT sequence FROM audits ORDER BY sequence DESC LIMIT 1 OFFSET ${keptAudits})`,
      ).run();
    },
    audits(limit: number): readonly AuditEntry[] {
      const rows = statement("SELECT body, crc FROM audits ORDER BY sequence DESC LIMIT ?").all(limit);
      return rows.flatMap((row) => unsealRow<AuditEntry>("audit", row) ?? []);
    },
  };
}

function unsealRow<Value>(key: string, row: Readonly<Record<string, unknown>>): Value | undefined {
  return unseal<Value>(key, { body: row["body"], crc: row["crc"] });
}

/** Prepares each statement once. */
function lazily(database: DatabaseSync): Statement {
  const prepared = new Map<string, StatementSync>();
  return (sql) => {
    const known = prepared.get(sql) ?? database.prepare(sql);
    prepared.set(sql, known);
    return known;
  };
}
