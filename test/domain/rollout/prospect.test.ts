import assert from "node:assert/strict";
import { test } from "node:test";
import { type ProspectSources, prospectOf } from "../../../src/domain/rollout/prospect.ts";
import { inTurn } from "../../../src/domain/rollout/turn-order.ts";
import { declared, minute, newDigest, now, oldDigest, recordOf, reportOf, slot, tally } from "./fleet-as-seen.ts";

function sources(given: Partial<ProspectSources> = {}): ProspectSources {
  const reports = ["a", "b", "c", "d"].map((host) => reportOf(host));
  return { record: recordOf(), reports, rollout: declared, bake: 0, pace: 0, now, ...given };
}

const runsNew = { running: { id: "1.4.2-3f9c2a718b01", digest: newDigest, version: "1.4.2" } };

test("of a rollout under way, those that hold a slot come first, and then the others in the order of this content", () => {
  const record = recordOf({ hosts: 4, ok: tally("a"), slots: { d: slot() } });
  const { subject, release, holders, question } = prospectOf(sources({ record }));

  assert.deepEqual([subject, release?.version, holders], ["under-way", "1.4.2", ["d"]]);
  assert.deepEqual(question.hosts, ["d", ...inTurn(["b", "c"], newDigest)]);
  assert.equal(question.done, 1);
});

test("a host takes what it took before, the others take the median, and never less than the bake of today", () => {
  const reports = [
    reportOf("a", { usual: 30_000 }),
    reportOf("b", { usual: 50_000 }),
    reportOf("c", { usual: 1_000 }),
    reportOf("d"),
  ];
  const { question, assumed } = prospectOf(sources({ reports, bake: 10_000, pace: 500 }));

  assert.deepEqual([...question.durations.values()], [30_500, 50_500, 10_500]);
  assert.deepEqual([question.otherwise, assumed], [30_500, false]);
});

test("what is left of a slot that is held already is less than the whole", () => {
  const reports = [reportOf("a", { usual: 30_000 })];
  const long = recordOf({ slots: { a: slot({ since: now - minute }) } });

  const left = (record: ReturnType<typeof recordOf>) =>
    prospectOf(sources({ record, reports })).question.durations.get("a");

  assert.deepEqual([left(recordOf({ slots: { a: slot() } })), left(long)], [18_000, 1_000]);
});

test("without any history a duration is a guess, and said to be one", () => {
  const { question, assumed } = prospectOf(sources({ bake: 5 * minute }));

  assert.deepEqual([question.otherwise, assumed], [6 * minute, true]);
});

test("lost and broken slots are stuck; a host that is silent, or on which it went bad, does not come", () => {
  const record = recordOf({
    plan: { limit: 3, canary: 1, failureBudget: 2, abortBudget: 1, onHalt: "hold" },
    ok: tally("a"),
    slots: { x: slot({ state: "lost" }), y: slot({ state: "broken" }) },
    failed: [{ host: "b", attempt: "f", digest: newDigest, reason: "bad" }],
  });
  const reports = [...sources().reports, reportOf("e", { at: now - 60 * minute })];
  const { question, silent, refusing } = prospectOf(sources({ record, reports }));

  assert.deepEqual([question.stuck, silent, refusing], [2, ["e"], ["b"]]);
  assert.deepEqual([...question.hosts].sort(), ["c", "d"]);
  assert.equal(question.plan.failureBudget, 0, "a failure and a loss are used up");
});

test("a host on which it went bad comes again once it wants it again", () => {
  const record = recordOf({
    failed: [{ host: "a", attempt: "f", digest: newDigest, reason: "bad", acknowledged: true }],
  });
  const { refusing } = prospectOf(sources({ record, reports: [reportOf("a", { wanted: newDigest })] }));

  assert.deepEqual(refusing, []);
});

test("when all is complete, the next release is any, or what hosts have seen, or what is given", () => {
  const complete = recordOf({ phase: "complete", ok: tally("a", "b", "c", "d") });
  const reports = ["a", "b", "c", "d"].map((host) => reportOf(host, runsNew));
  const another = "b".repeat(64);

  const next = prospectOf(sources({ record: complete, reports }));
  const wanted = prospectOf(sources({ record: complete, reports: [reportOf("a", { ...runsNew, wanted: another })] }));
  const given = prospectOf(sources({ record: complete, reports, digest: oldDigest }));

  assert.deepEqual([next.subject, next.release, next.question.hosts.length], ["next", undefined, 4]);
  assert.deepEqual([wanted.subject, wanted.release], ["wanted", { digest: another }]);
  assert.deepEqual([given.subject, given.question.hosts], ["given", inTurn(["a", "b", "c", "d"], oldDigest)]);
});

test("before the first record the plan is that of the configuration, a share of the hosts there are", () => {
  const { plan, fleet, question } = prospectOf(
    sources({ record: undefined, rollout: { ...declared, limit: { percent: 50 } } }),
  );

  assert.deepEqual([plan.limit, fleet, question.hosts.length, question.done], [2, 4, 4, 0]);
});
