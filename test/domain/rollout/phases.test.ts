import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RolloutEvent, SlotOutcome } from "../../../src/domain/rollout/events.ts";
import type { RolloutPlan, RolloutRecord } from "../../../src/domain/rollout/record.ts";
import { next } from "../../../src/domain/rollout/rules.ts";

const digest = "a".repeat(64);
const plan: RolloutPlan = { limit: 2, canary: 2, failureBudget: 1, abortBudget: 1, onHalt: "hold" };

function after(record: RolloutRecord | undefined, event: RolloutEvent): RolloutRecord {
  const verdict = next(record, event, { host: "test", operation: "test", at: 0 });
  assert.equal(verdict.verdict, "write", JSON.stringify(verdict));
  return verdict.verdict === "write" ? verdict.record : assert.fail();
}

function started(hosts: number): RolloutRecord {
  return after(undefined, { type: "start", release: { digest, artifact: "web" }, plan, hosts });
}

function acquire(host: string): RolloutEvent {
  return { type: "acquire", host, attempt: host, digest, purpose: "update", lostAfter: 1, ownEnded: () => false };
}

function ended(record: RolloutRecord, host: string, outcome: SlotOutcome): RolloutRecord {
  const fenced = after(after(record, acquire(host)), { type: "fence", host, attempt: host, digest });
  return after(fenced, { type: "finish", host, attempt: host, digest, outcome, reason: "a test", retract: false });
}

describe("the phase of a rollout", () => {
  it("is complete when all hosts have the release, also where there are fewer than canaries", () => {
    const alone = ended(started(1), "web-1", "ok");

    assert.equal(alone.phase, "complete");
  });

  it("lets a host that comes later prove the release as one of the canaries that are still missing", () => {
    const complete = after(ended(started(1), "web-1", "ok"), acquire("web-2"));

    const third = next(complete, acquire("web-3"), { host: "web-3", operation: "test", at: 0 });

    assert.deepEqual(third, { verdict: "refused", why: "canary" });
    assert.equal(ended(ended(started(1), "web-1", "ok"), "web-2", "ok").phase, "complete");
  });

  it("lets all hosts go back at once that may, however many canaries are missing", () => {
    const revert: RolloutPlan = { ...plan, canary: 3, failureBudget: 0, onHalt: "revert" };
    const begun = after(undefined, { type: "start", release: { digest, artifact: "web" }, plan: revert, hosts: 9 });
    const halted = ended(ended(ended(begun, "web-1", "ok"), "web-2", "ok"), "web-3", "failed");

    const back = ["web-1", "web-2"].reduce(
      (record, host) => after(record, { ...acquire(host), digest: "b".repeat(64), purpose: "revert" } as RolloutEvent),
      halted,
    );

    assert.deepEqual(Object.keys(back.slots), ["web-1", "web-2"]);
  });

  it("does not go back to the canaries when one of them fails later, within the budget", () => {
    const rolling = ended(ended(started(9), "web-1", "ok"), "web-2", "ok");

    const failed = ended(rolling, "web-2", "failed");

    assert.equal(rolling.phase, "rolling");
    assert.deepEqual([failed.phase, failed.ok.count], ["rolling", 1]);
  });
});

describe("the slot of a host that is broken", () => {
  const finish = (host: string, attempt: string, outcome: SlotOutcome): RolloutEvent => {
    return { type: "finish", host, attempt, digest, outcome, reason: "a test", retract: false };
  };
  const again = (host: string, attempt: string): RolloutEvent => {
    return { ...acquire(host), attempt, ownEnded: (one: string) => one === host } as RolloutEvent;
  };
  const brokenAndResumed = after(ended(started(9), "web-1", "broken"), { type: "resume" });

  for (const outcome of ["released", "aborted"] as const) {
    it(`stays taken when its next attempt is ${outcome}: nothing became better`, () => {
      const tried = after(brokenAndResumed, again("web-1", "second"));

      const left = after(tried, finish("web-1", "second", outcome));

      assert.deepEqual([left.slots["web-1"]?.state, left.slots["web-1"]?.attempt], ["broken", "web-1"]);
      assert.equal(next(left, again("web-1", "third"), { host: "web-1", operation: "test", at: 0 }).verdict, "write");
    });
  }

  for (const outcome of ["ok", "failed"] as const) {
    it(`is free when its next attempt is ${outcome}: the service is up again`, () => {
      const tried = after(brokenAndResumed, again("web-1", "second"));

      assert.deepEqual(after(tried, finish("web-1", "second", outcome)).slots, {});
    });
  }

  it("stays taken through any number of attempts that come to nothing, and a loss between them", () => {
    const second = after(after(brokenAndResumed, again("web-1", "second")), finish("web-1", "second", "released"));
    const lost = after(after(second, again("web-1", "third")), { type: "lost", host: "web-1", attempt: "third" });
    const fourth = after(lost, again("web-1", "fourth"));

    const left = after(fourth, finish("web-1", "fourth", "released"));

    assert.deepEqual([left.slots["web-1"]?.state, left.slots["web-1"]?.attempt], ["broken", "web-1"]);
  });
});
