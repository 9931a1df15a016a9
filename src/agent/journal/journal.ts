import type { FailureNote } from "../../domain/failures/failure.ts";
import type { UpdateJournal } from "../../update/ports.ts";
import type { EvidenceLine, UpdateRecord } from "../../update/record.ts";
import type { ServiceState } from "../../update/service-state.ts";
import type { Attempt } from "../operations.ts";

/** What an operator did, and whether it was done. */
export interface AuditEntry {
  /** Milliseconds since 1970. */
  readonly at: number;
  /** Who asked: "root", "deploy (uid 1000)". */
  readonly who: string;
  /** The verb: "rollback", "pin", … */
  readonly action: string;
  readonly service?: string;
  /** What else was said: the release, the reason. Never a secret. */
  readonly detail?: string;
  readonly failure?: FailureNote;
}

/** What everybody may read, also while an agent runs or when none does. */
export interface JournalReader {
  /** What is remembered of a service; a blank state when nothing is. */
  service(name: string): ServiceState;
  /** Of all services that something is remembered of, by name. */
  services(): readonly ServiceState[];
  /** The updates that did not end yet: those that a starting agent goes on with. */
  unfinished(): readonly UpdateRecord[];
  /** Ended updates of a service, the latest first. */
  history(service: string, limit: number): readonly Attempt[];
  /** One ended update; the last one when `id` is undefined. */
  attempt(service: string, id?: string): Attempt | undefined;
  /** What was observed during one update; kept for failed attempts and for the last one of each service. */
  evidence(id: string): readonly EvidenceLine[];
  /** What operators did, the latest first. */
  audits(limit: number): readonly AuditEntry[];
  close(): void;
}

/** What the running agent writes. Every method returns once it is on the disk, or throws "journal-unwritable". */
export interface Journal extends JournalReader, UpdateJournal {
  service(name: string): ServiceState;
  attempt(service: string, id?: string): Attempt | undefined;
  /** What a person should know of how the journal was opened: rebuilt from its second copy, lost, migrated. */
  readonly warnings: readonly FailureNote[];
  /** Forgets a service that is no longer declared, with its history; refused while it has an unfinished update. */
  forget(service: string): void;
  audit(entry: AuditEntry): void;
}
