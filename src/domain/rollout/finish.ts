import type { Actor, RolloutEvent } from "./events.ts";
import type { RolloutRecord, Slot } from "./record.ts";
import {
  advanced,
  type Change,
  denied,
  halted,
  overBudget,
  provesRelease,
  slotOf,
  tallied,
  thawed,
  untallied,
  wasCounted,
  withFailure,
  withoutSlot,
  withSlot,
} from "./standing.ts";

type Finish = Extract<RolloutEvent, { type: "finish" }>;

/**
 * An attempt ended. The slot goes with its outcome, in one write, so that each attempt is counted once (S4). What the slot of
 * another release comes to is taken out and counts nothing: it says nothing of this one.
 */
export function finish(record: RolloutRecord, event: Finish, actor: Actor): Change {
  const slot = slotOf(record, event.host);
  if (slot?.attempt !== event.attempt) return finishWithoutSlot(record, event, actor);
  // A broken attempt was counted when it broke.
  if (slot.state === "broken") return unchanged(record, event);
  const free = withoutSlot(record, event.host);
  const left = asBefore(record, event.host, slot);
  switch (event.outcome) {
    case "ok":
      return thawed(advanced(succeeded(free, slot, event.host)));
    case "failed":
      return failed(free, event, slot, actor);
    case "broken":
      return broken(withSlot(record, event.host, { ...slot, state: "broken" }), event, slot, actor);
    case "aborted":
      return thawed(provesRelease(record, slot) ? aborted(left, event, actor) : left);
    case "released":
      return thawed(left);
  }
}

/** Nothing came of the attempt: a host that was broken before it still is, and its slot stays taken. */
function asBefore(record: RolloutRecord, host: string, slot: Slot): RolloutRecord {
  const { broken: attempt, ...rest } = slot;
  return attempt === undefined
    ? withoutSlot(record, host)
    : withSlot(record, host, { ...rest, attempt, state: "broken" });
}

/** It had none, an operator forgot it, or this is a late copy. Only that the release is bad must not get lost. */
function finishWithoutSlot(record: RolloutRecord, event: Finish, actor: Actor): Change {
  const held = { digest: event.digest, purpose: "update" } as const;
  const news = provesRelease(record, held) && !wasCounted(record, event.attempt);
  if (news && event.outcome === "failed") return failed(record, event, held, actor);
  if (news && event.outcome === "broken") return broken(record, event, held, actor);
  return unchanged(record, event);
}

/** A bare new number makes a write of this attempt that is still on its way miss. */
function unchanged(record: RolloutRecord, { retract }: Finish): Change {
  return retract ? record : "settled";
}

function succeeded(record: RolloutRecord, slot: Slot, host: string): RolloutRecord {
  if (slot.purpose === "revert") {
    return { ...record, ok: untallied(record.ok, host), reverted: tallied(record.reverted, host) };
  }
  if (!provesRelease(record, slot)) return record;
  return {
    ...record,
    ok: tallied(record.ok, host),
    reverted: untallied(record.reverted, host),
    aborted: record.aborted.filter((one) => one !== host),
  };
}

type Held = Pick<Slot, "digest" | "purpose">;

/** The release was bad and the host went back. */
function failed(record: RolloutRecord, event: Finish, held: Held, actor: Actor): RolloutRecord {
  const counted = countFailure(record, event, held);
  if (!provesRelease(record, held)) return counted;
  const gone = { ...counted, ok: untallied(counted.ok, event.host) };
  return overBudget(gone) ? condemned(gone, "failures", event, actor) : gone;
}

/** The release was bad and the host could not go back: its slot stays until somebody looks. */
function broken(record: RolloutRecord, event: Finish, held: Held, actor: Actor): RolloutRecord {
  const counted = countFailure(record, event, held);
  return provesRelease(record, held) ? condemned(counted, "broken", event, actor) : counted;
}

function countFailure(record: RolloutRecord, { host, attempt, reason }: Finish, { digest }: Held): RolloutRecord {
  return withFailure(record, { host, attempt, digest, reason });
}

function condemned(record: RolloutRecord, why: "failures" | "broken", event: Finish, actor: Actor): RolloutRecord {
  const reason = `${event.host}: ${event.reason}`;
  return halted(denied(record, reason), { why, reason, at: actor.at });
}

/** The host gave up before the switch: no word against the content, so it is not denied. */
function aborted(record: RolloutRecord, { host, reason }: Finish, actor: Actor): RolloutRecord {
  if (record.aborted.includes(host)) return record;
  const noted = { ...record, aborted: [...record.aborted, host] };
  if (noted.aborted.length <= noted.plan.abortBudget) return noted;
  return halted(noted, { why: "aborts", reason: `${host}: ${reason}`, at: actor.at });
}
