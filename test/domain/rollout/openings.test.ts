import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { openingsOf } from "../../../src/domain/rollout/openings.ts";
import { standingAt } from "../../../src/domain/rollout/windows.ts";
import type { WindowDeclaration } from "../../../src/domain/service.ts";

const hour = 3_600_000;
// a Friday, 12:00 UTC
const noon = Date.UTC(2026, 10, 27, 12);

function nights(days: readonly number[]): WindowDeclaration {
  return { where: "web.hcl:1:1", days, from: 22 * 60, to: 4 * 60, zone: "UTC", overrun: "finish" };
}

test("without windows one may begin at any moment", () => {
  assert.equal(openingsOf([], noon)(123), 123);
});

test("outside of a window the next opening counts, inside of one the moment itself", () => {
  const opens = openingsOf([nights([5])], noon);

  assert.deepEqual(
    [0, 9 * hour, 10 * hour, 15 * hour, 16 * hour].map((at) => opens(at) / hour),
    [10, 10, 10, 15, 7 * 24 + 10],
  );
});

test("a window that never opens is infinitely far", () => {
  assert.equal(openingsOf([{ ...nights([]), days: [] }], noon)(0), Number.POSITIVE_INFINITY);
});

test("what it remembers never differs from what the windows say", () => {
  const moments = fc.array(fc.integer({ min: 0, max: 20 * 24 * 60 }), { minLength: 1, maxLength: 30 });
  fc.assert(
    fc.property(moments, (minutes) => {
      const windows = [nights([1, 3, 5])];
      const opens = openingsOf(windows, noon);
      for (const at of minutes.map((one) => one * 60_000)) {
        const standing = standingAt(windows, noon + at);
        const expected = standing.open ? at : (standing.opensAt ?? Number.NaN) - noon;
        assert.equal(opens(at), expected);
      }
    }),
    { numRuns: 30 },
  );
});
