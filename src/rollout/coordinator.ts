import type { Failure, FailureNote } from "../domain/failures/failure.ts";
import type { SlotOutcome } from "../domain/rollout/events.ts";
import type { RolloutRecord } from "../domain/rollout/record.ts";
import type { HostReport } from "../domain/rollout/report.ts";
import type { Waiting } from "../domain/rollout/waiting.ts";
import type { Store } from "../drivers/stores/store.ts";
import type { RecordSight } from "./record-reader.ts";

/** What a host wants a slot for. */
export interface SlotRequest {
  /** The update's id, which the journal knows already. */
  readonly attempt: string;
  readonly purpose: "update" | "revert";
  readonly digest: string;
  /** The order of the upload, where the store dates it. */
  readonly order?: number;
  readonly version?: string;
  /** What its order counts in, and whose key signed that: as in the record. */
  readonly line?: string;
  readonly signedBy?: string;
  readonly trusts?: (key: string) => boolean;
  /** It proved good on this host before, which still has it. */
  readonly proven?: boolean;
  /** The artifact as a person would name it. */
  readonly artifact: string;
  /** Whether an attempt is one of this host's that ended (or never came to a slot). */
  readonly ownEnded: (attempt: string) => boolean;
}

/** `seq`: of the record as it was written or seen then; the new floor. */
export interface HeldSlot {
  readonly seq: number;
}

export type Fenced =
  | { readonly outcome: "fenced"; readonly seq: number }
  /** Nothing may be switched. The slot stays until the outcome is reported. */
  | { readonly outcome: "refused"; readonly failure: FailureNote };

export type Finished =
  | { readonly outcome: "reported"; readonly seq: number }
  | { readonly outcome: "later"; readonly problem: Failure };

/** How an attempt ended; kept by the host until the store has taken it. */
export interface SlotReport {
  readonly attempt: string;
  readonly digest: string;
  readonly outcome: SlotOutcome;
  readonly reason: string;
  /** A write of this attempt may still be on its way. */
  readonly retract: boolean;
}

/**
 * One service's way to the others of its fleet: the rules of `domain/rollout` against a store. Every call ends: by its
 * answer, by its deadline or by the signal.
 */
export interface Coordinator {
  /** The host's name in the record. */
  readonly host: string;
  /** Where the record is, as a person would name it. */
  readonly place: string;
  readonly safety: Store["safety"];
  /** The record as this host saw it last, for people. */
  seen(): RecordSight | undefined;
  /** Proves, once, that the store keeps its promises. Throws "rollout-store-unfit" with the failed check, or the store's failure. */
  ready(signal: AbortSignal): Promise<void>;
  /**
   * Waits until this attempt holds a slot, starting the rollout of its release where that is due; for as long as it takes.
   * Says why it waits whenever that changes. Rejects only with the signal's reason: afterwards the attempt must be `finish`ed.
   */
  acquire(request: SlotRequest, signal: AbortSignal, onWaiting: (waiting: Waiting) => void): Promise<HeldSlot>;
  /** The last word before the switch. Without an answer of the store within its deadline: refused. */
  fence(slot: { readonly attempt: string; readonly digest: string }, signal: AbortSignal): Promise<Fenced>;
  /** Gives the slot back with its outcome; "later": the store did not take it, and the report is still owed. */
  finish(report: SlotReport, signal: AbortSignal): Promise<Finished>;
  /** Beats for this attempt, at once and then every 30 s, until disposed of. Never throws. */
  beat(attempt: string): Disposable;
  /** The record as it is now; undefined when there is none. */
  look(signal: AbortSignal): Promise<RolloutRecord | undefined>;
  /** Writes what this host says of its service. */
  report(report: HostReport, signal: AbortSignal): Promise<void>;
  close(): void;
}

/** What of a service's declaration the coordinator needs stands in `domain/service.ts`: `RolloutDeclaration`. */
