import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { downloadRetries, retryWait } from "../../src/domain/retry.ts";

const fraction = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

test("the ceiling of the wait doubles with every failure up to the cap", () => {
  const ceilings = [1, 2, 3, 4, 5, 6, 7, 8, 100].map((failures) => retryWait(downloadRetries, failures, 1, undefined));

  assert.deepEqual(ceilings, [500, 1000, 2000, 4000, 8000, 16_000, 30_000, 30_000, 30_000]);
});

test("the wait is anything from nothing to the ceiling", () => {
  fc.assert(
    fc.property(fc.nat(1000), fraction, (failures, random) => {
      const wait = retryWait(downloadRetries, failures, random, undefined);
      return wait >= 0 && wait <= downloadRetries.cap;
    }),
  );
  assert.equal(retryWait(downloadRetries, 5, 0, undefined), 0);
});

test("what the server asks for is the least that is waited, within the bound", () => {
  fc.assert(
    fc.property(fraction, fc.nat(1e9), (random, asked) => {
      const wait = retryWait(downloadRetries, 1, random, asked);
      const granted = Math.min(asked, downloadRetries.longestAsked);
      return wait >= granted && wait <= granted + downloadRetries.first;
    }),
  );
});
