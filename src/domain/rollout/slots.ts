import type { Actor, Refusal, RolloutEvent } from "./events.ts";
import type { RolloutRecord, Slot } from "./record.ts";
import {
  type Change,
  halted,
  isDenied,
  isOpen,
  overBudget,
  provesRelease,
  slotOf,
  slotsTaken,
  withSlot,
} from "./standing.ts";

type Acquire = Extract<RolloutEvent, { type: "acquire" }>;
type Fence = Extract<RolloutEvent, { type: "fence" }>;
type Lost = Extract<RolloutEvent, { type: "lost" }>;

/** A host asks for a slot: S1 is kept here, for only this rule makes slots. */
export function acquire(record: RolloutRecord, event: Acquire, actor: Actor): Change {
  const own = slotOf(record, event.host);
  if (own?.attempt === event.attempt) return adopt(record, event.host, own);
  if (own !== undefined && own.state !== "lost" && !event.ownEnded(own.attempt)) return "not-mine";
  const forbidden = forbids(record, event);
  if (forbidden !== undefined) return forbidden;
  // A slot of this host's that ended is replaced in place: it counted already.
  const full = own === undefined ? fullness(record) : undefined;
  // Canaries are to prove the release; whoever has proved it has nothing to wait for but the limit.
  const waived = full === "canary" && event.proven === true;
  if (full !== undefined && !waived) return full;
  const { attempt, digest, purpose, lostAfter } = event;
  const broken = own?.state === "broken" ? own.attempt : own?.broken;
  // A machine that was built anew in the meantime has nothing to do with what was broken.
  const remains = broken !== undefined && event.ownEnded(broken);
  return withSlot(record, event.host, {
    attempt,
    digest,
    purpose,
    state: "updating",
    fenced: false,
    lostAfter,
    since: actor.at,
    ...(remains && { broken }),
  });
}

/** The attempt holds the slot already: its host restarted, or its answer was lost. */
function adopt(record: RolloutRecord, host: string, slot: Slot): Change {
  if (slot.state === "broken") return "not-mine";
  if (slot.state !== "lost") return "settled";
  return withSlot(record, host, found(slot, slot.fenced ? "switching" : "updating"));
}

/**
 * The last word before the switch: S2 and S3 are kept here. Always a write, even if the slot is switching already, so that an
 * older answer proves nothing.
 */
export function fence(record: RolloutRecord, { host, attempt, digest }: Fence): Change {
  const slot = slotOf(record, host);
  if (slot?.attempt !== attempt || slot.digest !== digest || slot.state === "broken") return "no-slot";
  const forbidden = forbids(record, slot);
  if (forbidden !== undefined) return forbidden;
  return withSlot(record, host, { ...found(slot, "switching"), fenced: true });
}

/** An observer saw no beat for the holder's whole `lostAfter`. The slot stays taken. */
export function lost(record: RolloutRecord, { host, attempt }: Lost, actor: Actor): Change {
  const slot = slotOf(record, host);
  if (slot?.attempt !== attempt) return "no-slot";
  if (!isOpen(slot)) return "settled";
  const marked = withSlot(record, host, { ...slot, state: "lost" });
  if (!provesRelease(record, slot) || !overBudget(marked)) return marked;
  return halted(marked, { why: "lost", reason: `${host} gives no sign of life`, at: actor.at });
}

/** Why nobody may hold a slot for this now, however few are taken. */
function forbids(record: RolloutRecord, { digest, purpose }: Pick<Slot, "digest" | "purpose">): Refusal | undefined {
  if (purpose === "update" && record.release?.digest !== digest) return "other-release";
  if (isDenied(record, digest)) return "denied";
  if (purpose === "revert") return mayRevert(record, digest) ? undefined : "halted";
  return record.phase === "halted" || record.phase === "paused" ? record.phase : undefined;
}

/** Away from the halted release, never to it. */
function mayRevert({ phase, plan, release }: RolloutRecord, digest: string): boolean {
  return phase === "halted" && plan.onHalt === "revert" && release?.digest !== digest;
}

function fullness(record: RolloutRecord): Refusal | undefined {
  const { phase, plan, ok } = record;
  const taken = slotsTaken(record);
  if (taken >= plan.limit) return "slots-taken";
  // A fleet may be complete with fewer hosts than canaries: who comes later is one of those that are missing.
  const proves = phase === "canary" || phase === "complete";
  const missing = plan.canary - ok.count;
  return proves && missing > 0 && taken >= missing ? "canary" : undefined;
}

/** A slot whose holder spoke again. */
function found(slot: Slot, state: "updating" | "switching"): Slot {
  const { acknowledged: _past, ...rest } = slot;
  return { ...rest, state };
}
