import type { Refusal } from "./events.ts";

/** Why an update waits for its slot; shown by `status` and kept in the host's report. */
export interface Waiting {
  readonly why: WaitingReason;
  /** One sentence for a person. */
  readonly sentence: string;
  /** One sentence: what ends it, if not time. */
  readonly remedy?: string;
}

export type WaitingReason =
  | Exclude<Refusal, "other-release" | "no-slot" | "nothing">
  /** Outside the rollout's windows. */
  | "window"
  /** The store does not answer, or answers nonsense. */
  | "store"
  /** The record is gone, or older than what this host saw. */
  | "record-vanished";
