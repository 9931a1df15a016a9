import type { Actor, RolloutEvent } from "./events.ts";
import { boundedLimit } from "./limit.ts";
import type { RolloutRecord, RolloutRelease } from "./record.ts";
import {
  acknowledged,
  advanced,
  type Change,
  denied,
  halted,
  nobody,
  runningPhase,
  slotOf,
  withoutHalt,
  withoutSlot,
} from "./standing.ts";
import { blank } from "./start.ts";

type Halt = Extract<RolloutEvent, { type: "halt" }>;
type Retry = Extract<RolloutEvent, { type: "retry" }>;
type Forget = Extract<RolloutEvent, { type: "forget" }>;
type SetLimit = Extract<RolloutEvent, { type: "set-limit" }>;

/** Stops the rollout and denies its release. */
export function halt(record: RolloutRecord, event: Halt, actor: Actor): Change {
  const reason = event.reason === undefined ? `${actor.host} halted it` : `${actor.host}: ${event.reason}`;
  const next = halted(denied(record, reason), { why: "operator", reason, at: actor.at });
  return next === record ? "settled" : next;
}

/** Nothing new begins or switches; nothing is said against the release. */
export function pause(record: RolloutRecord): Change {
  if (record.phase === "halted") return "halted";
  return record.phase === "paused" ? "settled" : { ...record, phase: "paused" };
}

/** Goes on with the release on offer: the operator knows what happened so far, and only what happens from now on counts. */
export function resume(record: RolloutRecord): Change {
  if (record.phase !== "halted" && record.phase !== "paused") return "settled";
  const cleared = withoutHalt(acknowledged(record));
  const denied = record.denied.filter((one) => one.digest !== record.release?.digest);
  return { ...cleared, denied, aborted: [], phase: runningPhase(cleared) };
}

/**
 * Forgets failures and denials, and lets go of the order of uploads, so that an older one may start. Where the record vanished
 * or went back below what the operator's hosts saw (`floor`), a new one goes above all numbers of the old.
 */
export function retry(record: RolloutRecord | undefined, { floor }: Retry, actor: Actor): Change {
  if (record === undefined || record.seq < floor) return mended(record, floor, actor);
  const cleared = withoutHalt(acknowledged(record));
  const base = { ...cleared, denied: [], aborted: [], retries: record.retries + 1, phase: runningPhase(cleared) };
  return record.release === undefined ? base : { ...base, release: undated(record.release) };
}

/** What slots there are stay: nobody knows whether their holders ended. `retries` above all that a host may remember. */
function mended(record: RolloutRecord | undefined, floor: number, { at }: Actor): RolloutRecord {
  const seq = Math.max(floor, record?.seq ?? 0, Math.floor(at));
  if (record === undefined) return { ...blank, seq, retries: seq };
  const { release: _gone, ...kept } = withoutHalt(acknowledged(record));
  const empty = { ...kept, seq, retries: seq, ok: nobody, reverted: nobody, aborted: [], denied: [], replaced: [] };
  return { ...empty, phase: runningPhase(empty) };
}

function undated({ order: _order, ...release }: RolloutRelease): RolloutRelease {
  return release;
}

/** A host is gone for good: the one way to free a slot without its holder's word. */
export function forget(record: RolloutRecord, { host, reported }: Forget): Change {
  const known = slotOf(record, host) !== undefined || record.aborted.includes(host);
  const done = record.ok.hosts.includes(host);
  if (!known && done) return "settled";
  if (!known && reported !== true) return "nothing";
  const aborted = record.aborted.filter((one) => one !== host);
  const hosts = done ? record.hosts : Math.max(1, record.hosts - 1);
  return advanced({ ...withoutSlot(record, host), aborted, hosts });
}

export function setLimit(record: RolloutRecord, event: SetLimit): Change {
  const limit = boundedLimit(event.limit);
  return limit === record.plan.limit ? "settled" : { ...record, plan: { ...record.plan, limit } };
}
