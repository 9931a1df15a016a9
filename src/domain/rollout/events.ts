import type { Milliseconds } from "../duration.ts";
import type { RolloutPlan, RolloutRecord, RolloutRelease } from "./record.ts";

/** Who does it, by which random operation id, and when by its own clock (for people only). */
export interface Actor {
  readonly host: string;
  readonly operation: string;
  readonly at: number;
}

/** How an attempt ended, in the words of the record. */
export type SlotOutcome =
  /** The release runs and is healthy. */
  | "ok"
  /** It was bad; the host runs what it ran before (or nothing, when there was nothing). */
  | "failed"
  /** It was bad, and going back failed too. */
  | "broken"
  /** The host gave up before the switch, through its own fault. */
  | "aborted"
  /** Nobody's fault: a newer upload, a hook that said "not now", the agent was stopped, the fence refused. */
  | "released";

/** Everything that may happen to the record. Each is one compare-and-swap, or none when it changes nothing. */
export type RolloutEvent =
  /** A host that wants `release` finds that the record speaks of another (or of none). */
  | {
      readonly type: "start";
      readonly release: RolloutRelease;
      readonly plan: RolloutPlan;
      readonly hosts: number;
      /** Whether the host believes this key (by its number); undefined: it asks for no signatures. */
      readonly trusts?: (key: string) => boolean;
    }
  | {
      readonly type: "acquire";
      readonly host: string;
      readonly attempt: string;
      readonly digest: string;
      readonly purpose: "update" | "revert";
      readonly lostAfter: Milliseconds;
      /** Whether the attempt that holds this host's slot, if any, is one of this very host's that ended. */
      readonly ownEnded: (attempt: string) => boolean;
      /** The release proved good on this very host before, which still has it: nothing is left to prove. */
      readonly proven?: boolean;
    }
  /** Immediately before the switch. */
  | { readonly type: "fence"; readonly host: string; readonly attempt: string; readonly digest: string }
  | {
      readonly type: "finish";
      readonly host: string;
      readonly attempt: string;
      readonly digest: string;
      readonly outcome: SlotOutcome;
      readonly reason: string;
      /** A write of this attempt may still be on its way: the record is written even if there is no slot, so that it misses. */
      readonly retract: boolean;
    }
  /** An observer saw no beat of this attempt for its whole `lostAfter`. */
  | { readonly type: "lost"; readonly host: string; readonly attempt: string }
  /** A host runs the release already without having held a slot for it. */
  | { readonly type: "present"; readonly host: string; readonly digest: string }
  | { readonly type: "halt"; readonly reason?: string }
  | { readonly type: "pause"; readonly reason?: string }
  | { readonly type: "resume"; readonly reason?: string }
  /** Forgets failures and denials; what is on offer is taken up again, whatever its age. Also mends a record that vanished. */
  | { readonly type: "retry"; readonly floor: number; readonly reason?: string }
  /** `reported`: the host is known by its report, even if the record does not name it. */
  | { readonly type: "forget"; readonly host: string; readonly reported?: boolean; readonly reason?: string }
  | { readonly type: "set-limit"; readonly limit: number; readonly reason?: string };

/** Why a host does not get what it asked for. Each has one sentence in `waiting.ts`. */
export type Refusal =
  /** As many slots are taken as may be. */
  | "slots-taken"
  /** The canaries are still proving the release. */
  | "canary"
  | "halted"
  | "paused"
  /** The fleet refuses this content. */
  | "denied"
  /** The record speaks of an upload that is newer than what this host sees. */
  | "outdated"
  /** The record speaks of another release: `start` comes first. */
  | "other-release"
  /** Another release is on its way, and hosts are in the middle of it. */
  | "slots-open"
  /** Somebody holds a slot in this host's name that this host knows nothing of: a clone, or its state folder was lost. */
  | "not-mine"
  /** The attempt holds no slot. */
  | "no-slot"
  /** There is nothing to do it to: no record, or no such host. */
  | "nothing";

/** What an event comes to: the record to write, nothing to write, or a refusal. */
export type Verdict =
  | { readonly verdict: "write"; readonly record: RolloutRecord }
  /** It is so already; nothing needs to be written. */
  | { readonly verdict: "settled" }
  | { readonly verdict: "refused"; readonly why: Refusal };
