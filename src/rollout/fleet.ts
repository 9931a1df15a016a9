import type { Milliseconds } from "../domain/duration.ts";
import type { Refusal } from "../domain/rollout/events.ts";
import type { RolloutRecord } from "../domain/rollout/record.ts";
import { type Waiting, type WaitingRefusal, waitingFor } from "../domain/rollout/waiting.ts";
import type { RolloutDeclaration } from "../domain/service.ts";
import type { Logger } from "../platform/ports.ts";
import type { HeldSlot, SlotRequest } from "./coordinator.ts";
import type { Pause } from "./follow.ts";
import type { Space } from "./keys.ts";
import type { BeatObserver } from "./observe-beats.ts";
import type { RecordReader } from "./record-reader.ts";

/** What is common to all that a host asks of its record. */
export interface Fleet {
  readonly reader: RecordReader;
  readonly space: Space;
  readonly service: string;
  readonly host: string;
  readonly declaration: RolloutDeclaration;
  readonly observer: BeatObserver;
  readonly logger: Logger;
}

/** One look at the record: the slot, or why not and how to wait. `record` as it is or, before its release began, would be. */
export type Look =
  | { readonly held: HeldSlot }
  | {
      readonly waiting: Waiting;
      readonly why: Pause;
      readonly record: RolloutRecord;
      readonly version: string | undefined;
    }
  | { readonly waiting: Waiting; readonly why: "window"; readonly until: Milliseconds };

/** Others go first, though nothing else stands in the way. */
export const notYet: Waiting = {
  why: "slots-taken",
  sentence: "Other hosts go first: the turn of this one comes later.",
};

export function refused(
  { reader, service, host }: Fleet,
  { digest }: SlotRequest,
  why: Refusal,
  record: RolloutRecord | undefined,
  version: string | undefined,
): Look {
  if (record === undefined) return { waiting: notYet, why: "window", until: 1000 };
  // The record changed between two looks: the next one sees it whole.
  if (!isWaitedOut(why)) return { waiting: notYet, why: "turn", record, version: undefined };
  const waiting = waitingFor(why, { service, host, digest, record, now: reader.clock.wall() });
  return { waiting, why: freedByOthers.has(why) ? "turn" : "parked", record, version };
}

/** What the other hosts' progress ends. */
const freedByOthers: ReadonlySet<Refusal> = new Set(["slots-taken", "canary", "slots-open"]);

export function isWaitedOut(why: Refusal): why is WaitingRefusal {
  return why !== "other-release" && why !== "no-slot" && why !== "nothing";
}
