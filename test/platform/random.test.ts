import assert from "node:assert/strict";
import { test } from "node:test";
import { systemRandom } from "../../src/platform/random.ts";

test("names are 128 bits in hex and differ; fractions lie in their range", () => {
  const names = new Set(Array.from({ length: 1000 }, () => systemRandom.name()));
  const fractions = Array.from({ length: 1000 }, () => systemRandom.fraction());

  assert.equal(names.size, 1000);
  for (const name of names) assert.match(name, /^[0-9a-f]{32}$/);
  assert.ok(fractions.every((fraction) => fraction >= 0 && fraction < 1));
});
