import assert from "node:assert/strict";
import { test } from "node:test";
import { deniedKept, failedKept } from "../../../src/domain/rollout/record.ts";
import { acquires, ask, digestOf, ends, fences, isLost, play, starts } from "./play.ts";

/** What random fleets come to too seldom. */

test("a host that was built anew takes over its own lost slot, though all are taken", () => {
  const before = play(undefined, starts("x"), acquires("web-1", "old", "x"), isLost("web-1", "old"), {
    type: "resume",
  });

  const record = play(before, acquires("web-1", "new", "x"));

  assert.deepEqual(Object.keys(record.slots), ["web-1"]);
  assert.equal(record.slots["web-1"]?.attempt, "new");
  assert.deepEqual(ask(record, acquires("web-2", "other", "x")), { verdict: "refused", why: "slots-taken" });
});

test("a lost host does not hold up the next release, and its slot stays taken", () => {
  const before = play(undefined, starts("x"), acquires("web-1", "one", "x"), isLost("web-1", "one"));

  const record = play(before, starts("y"));

  assert.equal(record.phase, "rolling");
  assert.equal(record.slots["web-1"]?.state, "lost");
  assert.deepEqual(ask(record, acquires("web-2", "other", "y")), { verdict: "refused", why: "slots-taken" });
});

test("the slot of a broken host stays taken, also once the rollout goes on", () => {
  const broken = play(
    undefined,
    starts("x"),
    acquires("web-1", "one", "x"),
    fences("web-1", "one", "x"),
    ends("web-1", "one", "x", "broken"),
  );

  for (const record of [play(broken, { type: "resume" }), play(broken, starts("y"))]) {
    const word = record.release?.artifact ?? "";
    assert.equal(record.slots["web-1"]?.state, "broken");
    assert.deepEqual(ask(record, acquires("web-2", "two", word)), { verdict: "refused", why: "slots-taken" });
  }
});

test("only the attempt that holds the slot passes the fence", () => {
  const record = play(undefined, starts("x"), acquires("web-1", "one", "x"));

  assert.deepEqual(ask(record, fences("web-1", "another", "x")), { verdict: "refused", why: "no-slot" });
  assert.equal(ask(record, fences("web-1", "one", "x")).verdict, "write");
});

test("a failure at the release before says nothing of this one", () => {
  const before = play(undefined, starts("x"), acquires("web-1", "one", "x"), isLost("web-1", "one"), starts("y"));

  const record = play(
    before,
    ends("web-1", "one", "x", "failed"),
    acquires("web-2", "two", "y"),
    isLost("web-2", "two"),
  );

  assert.equal(record.halt?.why, "lost");
  assert.equal(play(record, ends("web-2", "two", "y", "released")).phase, "rolling", "only what was lost counted");
});

test("a loss that was acknowledged counts no longer beside a new one", () => {
  const halted = play(
    undefined,
    starts("x", {}, { limit: 3, failureBudget: 1 }),
    acquires("web-1", "one", "x"),
    acquires("web-2", "two", "x"),
    isLost("web-1", "one"),
    isLost("web-2", "two"),
  );
  assert.equal(halted.halt?.why, "lost");

  const record = play(halted, { type: "resume" }, acquires("web-3", "three", "x"), isLost("web-3", "three"));

  assert.equal(record.phase, "rolling", "one was lost since, and one may be");
});

test("a host that takes the same release again counts once, and no longer when it fails", () => {
  const once = play(
    undefined,
    starts("x", {}, { failureBudget: 1 }),
    acquires("web-1", "one", "x"),
    ends("web-1", "one", "x"),
  );
  const twice = play(once, acquires("web-1", "two", "x"), ends("web-1", "two", "x"));

  const record = play(twice, acquires("web-1", "three", "x"), ends("web-1", "three", "x", "failed"));

  assert.deepEqual([twice.ok.count, record.ok.count], [1, 0], "hosts that are well");
});

test("what failed before counts for nothing when the same content comes again", () => {
  const plan = { failureBudget: 1 };
  const before = play(
    undefined,
    starts("x", {}, plan),
    acquires("web-1", "one", "x"),
    fences("web-1", "one", "x"),
    ends("web-1", "one", "x", "failed"),
    starts("y", {}, plan),
    starts("x", {}, plan),
    acquires("web-2", "two", "x"),
  );

  const record = play(before, ends("web-2", "two", "x", "failed"));

  assert.equal(record.phase, "rolling", "one failure, and the budget is one");
});

test("an upload without a date replaces a dated one, and the other way round", () => {
  const dated = play(undefined, starts("x", { order: 5 }));
  const undated = play(dated, starts("y"));

  const again = play(undated, starts("x", { order: 5 }));

  assert.equal(again.release?.digest, digestOf("x"));
});

test("of two uploads of one date, the one that was replaced does not come back", () => {
  const record = play(undefined, starts("x", { order: 5 }), starts("y", { order: 5 }));

  assert.deepEqual(ask(record, starts("x", { order: 5 })), { verdict: "refused", why: "outdated" });
  assert.deepEqual(ask(record, starts("z", { order: 4 })), { verdict: "refused", why: "outdated" });
  assert.equal(play(record, starts("x", { order: 6 })).release?.digest, digestOf("x"));
});

test("a host that is forgotten is not waited for", () => {
  const before = play(undefined, starts("x"), acquires("web-1", "one", "x"), ends("web-1", "one", "x"));
  const two = play(before, acquires("web-2", "two", "x"), ends("web-2", "two", "x"));

  const record = play(two, { type: "forget", host: "web-3", reported: true });

  assert.deepEqual([two.phase, record.phase], ["rolling", "complete"]);
});

test("a host goes back only from a halted release whose plan says so, and to nothing that is refused", () => {
  const wayBack = acquires("web-1", "back", "w", "revert");
  for (const onHalt of ["hold", "revert"] as const) {
    const rolling = play(undefined, starts("x", {}, { onHalt }));
    const halted = play(rolling, { type: "halt", reason: "it is bad" });

    assert.deepEqual(ask(rolling, wayBack), { verdict: "refused", why: "halted" });
    assert.equal(ask(halted, wayBack).verdict, onHalt === "revert" ? "write" : "refused");
  }
  const worse = play(
    undefined,
    starts("w"),
    { type: "halt", reason: "it is bad" },
    starts("x", {}, { onHalt: "revert" }),
    { type: "halt", reason: "it is worse" },
  );

  assert.deepEqual(ask(worse, wayBack), { verdict: "refused", why: "denied" });
  assert.deepEqual(ask(worse, acquires("web-1", "stay", "x", "revert")), { verdict: "refused", why: "denied" });
});

test("a record that vanished is made anew above all that its hosts saw, whatever the operator's clock says", () => {
  const record = play(undefined, { type: "retry", floor: 7 });

  assert.ok(record.seq > 7, "the number grows");
  assert.ok(record.retries >= 7, "hosts hear of it");
});

test("the latest refused contents are kept", () => {
  const words = Array.from({ length: deniedKept + 2 }, (_, number) => `release ${number}`);

  const record = play(undefined, ...words.flatMap((word) => [starts(word), { type: "halt", reason: word } as const]));

  assert.deepEqual(
    record.denied.map(({ reason }) => reason.replace(/^.*: /, "")),
    words.slice(-deniedKept),
    "the latest are refused",
  );
});

test("the latest failures are kept", () => {
  const attempts = Array.from({ length: failedKept + 2 }, (_, number) => `attempt ${number}`);
  const failing = attempts.flatMap((attempt) => [
    acquires("web-1", attempt, "x"),
    ends("web-1", attempt, "x", "failed"),
  ]);

  const record = play(undefined, starts("x", {}, { failureBudget: failedKept }), ...failing);

  assert.deepEqual(
    record.failed.map(({ attempt }) => attempt),
    attempts.slice(-failedKept),
    "the latest failures are known",
  );
});
