import type { Milliseconds } from "../domain/duration.ts";
import { Failure, failure } from "../domain/failures/failure.ts";
import type { Refusal, RolloutEvent } from "../domain/rollout/events.ts";
import type { RolloutRecord } from "../domain/rollout/record.ts";
import { decodeRecord } from "../domain/rollout/record-text.ts";
import type { Store } from "../drivers/stores/store.ts";
import type { Clock, Random } from "../platform/ports.ts";
import { type Changed, changeRecord } from "./change-record.ts";
import { encodeName, type Space } from "./keys.ts";
import { createRecordReader, type RecordReader } from "./record-reader.ts";
import { highestFloor, readReports } from "./reports.ts";

/** From where an operator speaks: any machine with the configuration; no agent is needed. */
export interface OperatorDesk {
  readonly store: Store;
  readonly space: Space;
  readonly service: string;
  /** Who is written into the record: "ann@laptop". */
  readonly operator: string;
  readonly clock: Clock;
  readonly random: Random;
}

/** What an operator may say. */
export type OperatorWord =
  | Extract<RolloutEvent, { readonly type: "halt" | "pause" | "resume" | "set-limit" }>
  | { readonly type: "retry"; readonly reason?: string }
  | { readonly type: "forget"; readonly host: string; readonly reason?: string };

/** `changed` false: it was so already, and `before` is `after`. */
export interface Operated {
  readonly changed: boolean;
  readonly before: RolloutRecord | undefined;
  readonly after: RolloutRecord;
}

/** A person waits for it. */
const operatorPatience: Milliseconds = 30_000;

/**
 * Brings one word of an operator into the record. Throws "rollout-missing", "rollout-host-unknown", "rollout-halted", what
 * the record or the store throws, or the signal's reason.
 */
export async function operate(desk: OperatorDesk, word: OperatorWord, signal: AbortSignal): Promise<Operated> {
  const { store, space, operator: by } = desk;
  const reader = createRecordReader(
    { ...desk, key: space.record },
    () => 0,
    word.type === "retry" ? mendable : decodeRecord,
  );
  const event = await eventOf(desk, word, signal);
  // First of all: a rollout that begins meanwhile must not count a host that is gone.
  if (word.type === "forget") await removeTraces(store, space, word.host, signal);
  const changed = await changeRecord(reader, { event, by, patience: operatorPatience }, signal);
  return resultOf(desk, word, changed, reader);
}

async function eventOf(desk: OperatorDesk, word: OperatorWord, signal: AbortSignal): Promise<RolloutEvent> {
  const { store, space } = desk;
  if (word.type === "retry") {
    return { ...word, floor: highestFloor(await readReports(store, space, signal, desk)) };
  }
  if (word.type !== "forget") return word;
  const report = await store.read(`${space.reports}${encodeName(word.host)}`, signal);
  return { ...word, reported: report !== undefined };
}

function resultOf(desk: OperatorDesk, word: OperatorWord, changed: Changed, reader: RecordReader): Operated {
  const { record } = changed;
  if (changed.outcome === "written") return { changed: true, before: changed.before, after: changed.record };
  // Its own write got through without an answer, and others wrote over it.
  const done = changed.outcome === "settled" || (changed.afterUnknown && changed.why === "nothing");
  if (done && record !== undefined) return { changed: false, before: record, after: record };
  throw refusal(desk, word, changed.outcome === "refused" && record !== undefined ? changed.why : undefined, reader);
}

/** `why` undefined: there is no record. */
function refusal(
  { service }: OperatorDesk,
  word: OperatorWord,
  why: Refusal | undefined,
  reader: RecordReader,
): Failure {
  if (why === "nothing" && word.type === "forget")
    return failure("rollout-host-unknown", { service, host: word.host, hint: "" });
  if (why === "halted") return failure("rollout-halted", { service });
  return failure("rollout-missing", { service, place: reader.store.place });
}

/** A host that is gone for good no longer counts as one that reports. If it comes back, it reports again. */
async function removeTraces(store: Store, space: Space, host: string, signal: AbortSignal): Promise<void> {
  const name = encodeName(host);
  await store.remove(`${space.reports}${name}`, signal);
  await store.remove(`${space.beats}${name}`, signal);
}

/** A damaged record is written over by "retry"; one of a newer version of Dropship never. */
function mendable(bytes: Uint8Array, place: string): RolloutRecord | undefined {
  try {
    return decodeRecord(bytes, place);
  } catch (thrown) {
    if (thrown instanceof Failure && thrown.code === "record-unreadable" && !isNewer(bytes)) return undefined;
    throw thrown;
  }
}

function isNewer(bytes: Uint8Array): boolean {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    return typeof value === "object" && value !== null && "schema" in value && Number(value.schema) > 1;
  } catch {
    return false;
  }
}
