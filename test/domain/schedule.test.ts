import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  backoffDelay,
  firstDelay,
  longestBackoff,
  news,
  nextDelay,
  repeatAfter,
  type Spoken,
} from "../../src/domain/schedule.ts";

const interval = fc.integer({ min: 1, max: 366 * 24 * 3_600_000 });
const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("the first check lies anywhere within one interval", () => {
  assert.equal(firstDelay(10_000, 0), 0);
  assert.equal(firstDelay(10_000, 0.5), 5_000);
  assert.equal(firstDelay(10_000, 0.9999), 9_999);
});

test("a check follows another after the interval, give or take a tenth", () => {
  assert.equal(nextDelay(10_000, 0), 9_000);
  assert.equal(nextDelay(10_000, 0.5), 10_000);
  assert.equal(nextDelay(10_000, 0.9999), 11_000);
});

test("a failing service is asked less and less often, up to a cap", () => {
  const at = (failures: number) => backoffDelay({ interval: 10_000, failures, passing: true, fraction: 0.9999 });

  assert.deepEqual([1, 2, 3, 4].map(at), [19_999, 39_997, 79_993, 159_985]);
  assert.ok(at(20) <= longestBackoff);
  assert.ok(at(1000) > longestBackoff * 0.99);
});

test("a failure that will not pass by itself waits up to the cap at once", () => {
  const lasting = backoffDelay({ interval: 10_000, failures: 1, passing: false, fraction: 0.9999 });

  assert.ok(lasting > longestBackoff * 0.99);
});

test("no delay is negative, longer than a timer can wait, or shorter than a working service's", () => {
  fc.assert(
    fc.property(
      interval,
      fraction,
      fc.integer({ min: 1, max: 10_000 }),
      fc.boolean(),
      (every, part, failures, passing) => {
        const wait = backoffDelay({ interval: every, failures, passing, fraction: part });
        for (const delay of [wait, firstDelay(every, part), nextDelay(every, part)]) {
          assert.ok(Number.isInteger(delay) && delay >= 0 && delay < 2 ** 31, String(delay));
        }
        assert.ok(wait >= Math.min(nextDelay(every, 0), 2 ** 31 - 1) - 1);
        assert.ok(wait <= Math.max(every, longestBackoff));
      },
    ),
  );
});

/** Plays failures (by code) and successes (undefined) at moments, and tells what was said. */
function told(...met: readonly (readonly [number, string | undefined])[]): readonly string[] {
  let spoken: Spoken | undefined;
  return met.map(([now, code]) => {
    const saying = news(spoken, code === undefined ? undefined : { code, sentence: code }, now);
    spoken = saying.say === "recovered" ? undefined : saying.spoken;
    return saying.say;
  });
}

test("a failure is said once, said again after an hour, and its end is said once", () => {
  assert.deepEqual(
    told(
      [0, "x"],
      [10, "x"],
      [repeatAfter - 1, "x"],
      [repeatAfter, "x"],
      [repeatAfter + 1, "x"],
      [repeatAfter + 2, undefined],
      [repeatAfter + 3, undefined],
    ),
    ["failed", "nothing", "nothing", "still-failing", "nothing", "recovered", "nothing"],
  );
});

test("another failure is news; the same one in other words is not", () => {
  assert.deepEqual(told([0, "x"], [1, "y"], [2, "y"]), ["failed", "failed", "nothing"]);
  const first = news(undefined, { code: "x", sentence: "after 1 s" }, 0);
  assert.ok(first.say === "failed");
  assert.equal(news(first.spoken, { code: "x", sentence: "after 2 s" }, 1).say, "nothing");
});

test("a recovery tells how long and how often it failed", () => {
  const first = news(undefined, { code: "x", sentence: "" }, 100);
  assert.ok(first.say === "failed");
  const second = news(first.spoken, { code: "x", sentence: "" }, 200);
  assert.ok(second.say === "nothing");

  assert.deepEqual(news(second.spoken, undefined, 350), { say: "recovered", after: 250, failures: 2 });
});
