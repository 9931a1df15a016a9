import type { Actor, RolloutEvent, Verdict } from "./events.ts";
import { finish } from "./finish.ts";
import { forget, halt, pause, resume, retry, setLimit } from "./operator.ts";
import type { RolloutRecord } from "./record.ts";
import { acquire, fence, lost } from "./slots.ts";
import { type Change, shortReason } from "./standing.ts";
import { present, start } from "./start.ts";

/**
 * The rules of a rollout: what an event makes of the record. Each write is one compare-and-swap at the state that was read,
 * so the events have one order, whatever crashes, stops or comes late. Then, as long as the store keeps its promises:
 *
 * - S1: the hosts between acquire and finish are never more than the largest limit in force since they acquired.
 * - S2: while halted, no update passes the fence.
 * - S3: a denied digest is never fenced, until an operator resumes or retries (or `deniedKept` others were denied since).
 * - S4: each attempt is counted once.
 * - S5: `seq` only grows.
 *
 * No rule decides by a clock: `actor.at` is written for people. docs/decisions/0009-rollout-record.md has the proofs and what
 * cannot hold. The record is never deleted.
 */
export function next(record: RolloutRecord | undefined, event: RolloutEvent, actor: Actor): Verdict {
  const change = record === undefined ? changeOfNothing(event, actor) : changeOf(record, event, actor);
  if (change === "settled") return { verdict: "settled" };
  if (typeof change === "string") return { verdict: "refused", why: change };
  const writer = { host: actor.host, operation: actor.operation, event: event.type };
  return { verdict: "write", record: { ...change, seq: change.seq + 1, writer, ...saidBy(event, actor) } };
}

const words: ReadonlySet<RolloutEvent["type"]> = new Set(["halt", "pause", "resume", "retry", "forget", "set-limit"]);

/** The last word of an operator stays, whatever the hosts write after it. */
function saidBy(event: RolloutEvent, { host: by, at }: Actor): Pick<RolloutRecord, "said"> {
  if (!words.has(event.type)) return {};
  const reason = "reason" in event && event.reason !== undefined && { reason: shortReason(event.reason) };
  return { said: { event: event.type, by, at, ...reason } };
}

/** Only these two make a record. */
function changeOfNothing(event: RolloutEvent, actor: Actor): Change {
  if (event.type === "start") return start(undefined, event);
  return event.type === "retry" ? retry(undefined, event, actor) : "nothing";
}

function changeOf(record: RolloutRecord, event: RolloutEvent, actor: Actor): Change {
  switch (event.type) {
    case "start":
      return start(record, event);
    case "acquire":
      return acquire(record, event, actor);
    case "fence":
      return fence(record, event);
    case "finish":
      return finish(record, event, actor);
    case "lost":
      return lost(record, event, actor);
    case "present":
      return present(record, event);
    case "halt":
      return halt(record, event, actor);
    case "pause":
      return pause(record);
    case "resume":
      return resume(record);
    case "retry":
      return retry(record, event, actor);
    case "forget":
      return forget(record, event);
    case "set-limit":
      return setLimit(record, event);
  }
}
