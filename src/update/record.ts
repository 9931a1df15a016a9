import type { FailureNote } from "../domain/failures/failure.ts";
import type { Marker, Release } from "../domain/release.ts";
import type { StateName } from "./states.ts";

/** What an update set out to do. "activate" goes to a release that is on disk already (rollback, pin) and needs no download. */
export type Intent = "update" | "activate";

/** How an update ended, in the words that `status`, `history` and the exit code use. */
export type UpdateOutcome =
  /** The new release runs and is healthy. */
  | "updated"
  /** The object changed but its content is the one that runs. */
  | "unchanged"
  /** Nothing was switched; the reason is in `failure`. */
  | "aborted"
  /** A newer upload replaced the wanted one before the switch; the update to that one follows at once. */
  | "superseded"
  /** A hook said "not now" (exit 75), or the agent was told to stop: tried again at the next check, without blame. */
  | "postponed"
  /** The new release was bad; the previous one runs and is healthy. Never called a success. */
  | "rolled-back"
  /** The new release was bad and there was none before it: the destination is as empty as it was. */
  | "withdrawn"
  /** The new release was bad and going back failed too: somebody has to look. */
  | "broken";

/** Who is at fault for a failed attempt: the content is denied until the object changes, the host backs off. */
export type Blame = "content" | "host";

/** One line of evidence: what a hook printed, what a probe answered. */
export interface EvidenceLine {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly state: StateName;
  /** "script (web.hcl:12:3)", "health http (web.hcl:20:3)". */
  readonly source: string;
  readonly outcome: string;
  readonly text: string;
}

/** One update of one service, as the journal keeps it; written before each step runs. */
export interface UpdateRecord {
  /** Of this format; a journal of a newer one is refused. */
  readonly format: 1;
  /** Random; also names the attempt towards others. */
  readonly id: string;
  readonly service: string;
  readonly intent: Intent;
  readonly state: StateName;
  /** How many times the current state's step was started. */
  readonly starts: number;
  /** An earlier start of the current state's step was cut short when the agent stopped: what it did is not known. */
  readonly cut?: true;
  /** Counts the attempts at this content: DROPSHIP_ATTEMPT. */
  readonly attempt: number;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  /** What the repository said when the update began. */
  readonly marker?: Marker;
  /** Known once the content is (after "fetching"), or from the start for "activate". */
  readonly target?: Release;
  /** The target was on disk already when the update began. */
  readonly kept?: true;
  /** What ran before; undefined when nothing did. */
  readonly previous?: Release;
  /** The operator goes back by hand: what ran before is not taken up again by itself. */
  readonly leaves?: boolean;
  /** What it needs a slot for; undefined: it goes ahead on its own (no rollout, or an operator's order). */
  readonly slot?: "update" | "revert";
  /** The highest `seq` of the rollout record that it saw. */
  readonly floor?: number;
  /** When it began to ask for its slot: from then on its fleet may know of it. Milliseconds since 1970. */
  readonly waitsSince?: number;
  /** When it held its slot. Milliseconds since 1970. */
  readonly heldSince?: number;
  /** Its fleet has taken its outcome. */
  readonly reported?: true;
  readonly outcome?: UpdateOutcome;
  readonly failure?: FailureNote;
  /** Set with `failure`; neither for a postponed attempt. */
  readonly blame?: Blame;
  /** When the first before hook began: from then on the service was down or unproven. Milliseconds since 1970. */
  readonly downSince?: number;
  /** When its fate was settled: committed, restored, rolled back or broken. Milliseconds since 1970. */
  readonly settledAt?: number;
  /** When the update became "idle"; milliseconds since 1970. */
  readonly endedAt?: number;
  readonly evidence: readonly EvidenceLine[];
}
