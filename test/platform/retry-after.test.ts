import assert from "node:assert/strict";
import { test } from "node:test";
import { retryAfter } from "../../src/platform/retry-after.ts";

const now = Date.UTC(2026, 0, 2, 3, 4, 5);

test("seconds and dates are understood, anything else is nothing", () => {
  assert.equal(retryAfter("120", now), 120_000);
  assert.equal(retryAfter("0", now), 0);
  assert.equal(retryAfter("Fri, 02 Jan 2026 03:04:35 GMT", now), 30_000);
  assert.equal(retryAfter("Fri, 02 Jan 2026 03:04:00 GMT", now), 0);
  for (const nonsense of [undefined, "", "-1", "1.5", "soon", "99999999999", "2026-01-02"]) {
    assert.equal(retryAfter(nonsense, now), undefined, `${nonsense}`);
  }
});
