import assert from "node:assert/strict";
import type { RolloutEvent, Verdict } from "../../../src/domain/rollout/events.ts";
import type { RolloutPlan, RolloutRecord, RolloutRelease } from "../../../src/domain/rollout/record.ts";
import { next } from "../../../src/domain/rollout/rules.ts";

/** Events in few words: for tests that tell one story of the rules. */

const actor = { host: "test", operation: "operation", at: 0 };
const usual: RolloutPlan = { limit: 1, canary: 0, failureBudget: 0, abortBudget: 1, onHalt: "hold" };

/** Letters, or any other short word, stand for digests. */
export function digestOf(word: string): string {
  return Buffer.from(word).toString("hex").padEnd(64, "0");
}

export function ask(record: RolloutRecord | undefined, event: RolloutEvent): Verdict {
  return next(record, event, actor);
}

/** The record after these events, each of which must change it. */
export function play(record: RolloutRecord | undefined, ...events: readonly RolloutEvent[]): RolloutRecord {
  for (const event of events) {
    const verdict = ask(record, event);
    assert.equal(verdict.verdict, "write", `${event.type}: ${JSON.stringify(verdict)}`);
    if (verdict.verdict === "write") record = verdict.record;
  }
  assert.ok(record);
  return record;
}

export function starts(
  word: string,
  more: Partial<RolloutRelease> = {},
  plan: Partial<RolloutPlan> = {},
): RolloutEvent {
  return {
    type: "start",
    release: { digest: digestOf(word), artifact: word, ...more },
    plan: { ...usual, ...plan },
    hosts: 3,
  };
}

export function acquires(
  host: string,
  attempt: string,
  word: string,
  purpose: "update" | "revert" = "update",
): RolloutEvent {
  return { type: "acquire", host, attempt, digest: digestOf(word), purpose, lostAfter: 1, ownEnded: () => false };
}

export function fences(host: string, attempt: string, word: string): RolloutEvent {
  return { type: "fence", host, attempt, digest: digestOf(word) };
}

export function ends(
  host: string,
  attempt: string,
  word: string,
  outcome: Extract<RolloutEvent, { type: "finish" }>["outcome"] = "ok",
): RolloutEvent {
  return { type: "finish", host, attempt, digest: digestOf(word), outcome, reason: outcome, retract: false };
}

export function isLost(host: string, attempt: string): RolloutEvent {
  return { type: "lost", host, attempt };
}
