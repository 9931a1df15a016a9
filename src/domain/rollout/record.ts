import type { Milliseconds } from "../duration.ts";

/**
 * The rollout record: the one small document that all hosts of a service (and group) change by compare-and-swap. It is never
 * deleted. What may happen to it stands in `rules.ts`; how it is read and written, in `record-text.ts`.
 */
export interface RolloutRecord {
  readonly schema: 1;
  /** Grows by one with every write, so that no two states of the record have the same bytes. */
  readonly seq: number;
  /** Who wrote this state. `operation` is random: a writer whose answer was lost knows its own write by it. */
  readonly writer: { readonly host: string; readonly operation: string; readonly event: string };
  /** What is rolled out; undefined before the first release, and after an operator let go of the last one. */
  readonly release?: RolloutRelease;
  readonly phase: Phase;
  readonly plan: RolloutPlan;
  /** The hosts that had reported when the rollout began: what "all" means. */
  readonly hosts: number;
  /** By the host's name. Every slot counts against the limit, whatever its state. */
  readonly slots: Readonly<Record<string, Slot>>;
  /** Who has the release and is healthy. Above `namedHosts` only the count is kept. */
  readonly ok: Tally;
  /** Who went back to what it ran before the halted release (`onHalt = "revert"`). */
  readonly reverted: Tally;
  /** Attempts that failed after the switch (those that ended broken, too), the latest last. */
  readonly failed: readonly FailedAttempt[];
  /** Hosts that gave up before the switch, each once. */
  readonly aborted: readonly string[];
  /** What no host takes, whatever the phase is; the latest last. */
  readonly denied: readonly DeniedDigest[];
  /** Digests that this release replaced though the store dates both uploads the same. */
  readonly replaced: readonly string[];
  /** Why the phase is "halted". */
  readonly halt?: Halt;
  /** How often an operator said "retry": hosts forget their own denials when it grows. */
  readonly retries: number;
  /** What an operator said last, for people. */
  readonly said?: OperatorNote;
}

export interface OperatorNote {
  /** The word: "pause". */
  readonly event: string;
  /** "ann@laptop" */
  readonly by: string;
  /** By the clock of the operator's machine; milliseconds since 1970. */
  readonly at: number;
  readonly reason?: string;
}

/**
 * canary: the first `plan.canary` hosts prove the release. rolling: everybody follows under `plan.limit`. complete: as many
 * hosts have it as there were. halted: the release is bad, or somebody says so. paused: an operator said "wait".
 */
export type Phase = "canary" | "rolling" | "complete" | "halted" | "paused";

export interface RolloutRelease {
  /** SHA-256 of the artifact, lower-case hex. */
  readonly digest: string;
  /** The order among the releases of one line: the moment of the upload by the store's clock (milliseconds since 1970), or the sequence of a document. */
  readonly order?: number;
  /** What was published stands in a row: `channel "stable" of "web"`. Undefined: what is uploaded in the place of the artifact. */
  readonly line?: string;
  /** The number of the key that signed what leads to it. */
  readonly signedBy?: string;
  readonly version?: string;
  /** The artifact as a person would name it. */
  readonly artifact: string;
  /** When its rollout began, by the clock of the host that began it, for people; milliseconds since 1970. */
  readonly since?: number;
}

/** How a release is rolled out; the host that starts the rollout writes it, an operator may change the limit. */
export interface RolloutPlan {
  readonly limit: number;
  readonly canary: number;
  /** More failed and lost hosts than this halt the rollout. */
  readonly failureBudget: number;
  /** More hosts than this that gave up before the switch halt the rollout. */
  readonly abortBudget: number;
  readonly onHalt: "hold" | "revert";
}

export interface Slot {
  /** The id of the update that holds it; the holder journaled it before it asked. */
  readonly attempt: string;
  readonly digest: string;
  readonly purpose: "update" | "revert";
  /**
   * updating: the service may be stopped. switching: the holder passed the fence. lost: its beat stopped. broken: it could not
   * go back.
   */
  readonly state: "updating" | "switching" | "lost" | "broken";
  /** Whether this attempt ever passed the fence. */
  readonly fenced: boolean;
  /** Observers that see no beat for so long call it lost, by their own clock. */
  readonly lostAfter: Milliseconds;
  /** By the holder's clock, for people; milliseconds since 1970. */
  readonly since: number;
  /** The attempt that left this host broken, where a later one took over its slot: unless that ends well, it stands here again. */
  readonly broken?: string;
  /** Lost before an operator resumed, or before this release began: it no longer uses up the failure budget. */
  readonly acknowledged?: true;
}

export interface Tally {
  readonly count: number;
  readonly hosts: readonly string[];
}

export interface FailedAttempt {
  readonly host: string;
  readonly attempt: string;
  readonly digest: string;
  readonly reason: string;
  /** Before an operator resumed, or this release began. It uses up no budget; it stays so that a late report is not counted twice. */
  readonly acknowledged?: true;
}

export interface DeniedDigest {
  readonly digest: string;
  readonly reason: string;
}

export interface Halt {
  readonly why: "failures" | "lost" | "broken" | "aborts" | "operator";
  readonly reason: string;
  /** By the writer's clock, for people; milliseconds since 1970. */
  readonly at: number;
  /** An operator had said "wait" before: that holds when the halt ends by itself or by another release. */
  readonly paused?: true;
}

/** More bytes than this are refused, read or written. */
export const recordLimit = 64 * 1024;
/** No slot takes the last bytes: what comes of the slots that are taken, and what operators say, must always find room. */
export const keptFree = 6 * 1024;
/** So many hosts are named in a tally. */
export const namedHosts = 500;
/** So many hosts may hold a slot at a time, that the record stays within its bytes; larger fleets use groups. */
export const largestLimit = 200;
export const failedKept = 50;
export const deniedKept = 20;
export const replacedKept = 20;
/** Reasons are cut to so many characters. */
export const reasonLength = 200;
