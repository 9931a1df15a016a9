import assert from "node:assert/strict";
import { test } from "node:test";
import { systemClock } from "../../src/platform/clock.ts";

test("a sleep lasts as long as it says, and a stopped one ends at once with the reason", async () => {
  const stop = new AbortController();
  const start = systemClock.monotonic();

  await systemClock.sleep(30);
  const slept = systemClock.monotonic() - start;
  const long = systemClock.sleep(60 * 86_400_000, stop.signal);
  stop.abort(new Error("enough"));

  assert.ok(slept >= 29, `${slept}`);
  await assert.rejects(long, { message: "enough" });
  await assert.rejects(systemClock.sleep(1, stop.signal), { message: "enough" });
});

test("a sleep longer than a timer can wait does not end at once", async () => {
  const stop = new AbortController();
  const sleep = systemClock.sleep(2 ** 31 + 1000, stop.signal).then(
    () => "slept",
    () => "stopped",
  );

  await systemClock.sleep(20);
  stop.abort();

  assert.equal(await sleep, "stopped");
});

test("a deadline aborts with its reason, or with that of its parent", async () => {
  const parent = new AbortController();
  using soon = systemClock.deadline(10, () => new Error("late"));
  using never = systemClock.deadline(60_000, () => new Error("late"), parent.signal);

  await assert.rejects(systemClock.sleep(5000, soon.signal), { message: "late" });
  parent.abort(new Error("stopped"));

  assert.equal(never.signal.reason.message, "stopped");
});

test("a deadline that was disposed of never aborts", async () => {
  const kept = systemClock.deadline(5, () => new Error("late"));
  kept[Symbol.dispose]();

  await systemClock.sleep(20);

  assert.equal(kept.signal.aborted, false);
});
