import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { getHeapStatistics } from "node:v8";
import { keepMemorySmall } from "../../src/platform/memory.ts";

const used = () => getHeapStatistics().used_heap_size;

test("garbage that has grown old is collected without being asked for", { timeout: 20_000 }, async () => {
  using _small = keepMemorySmall(20);
  const begin = used();
  let ballast: object[] | undefined = fill(400_000);
  await sleep(60);
  const full = used();
  assert.ok(full > begin + 10e6 && ballast.length > 0, "the ballast weighs something");

  ballast = undefined;
  // Growth is what makes it look.
  const growth = fill(200_000);

  const deadline = performance.now() + 3000;
  while (used() > full && performance.now() < deadline) await sleep(20);
  assert.ok(used() < full && growth.length > 0);
});

function fill(count: number): object[] {
  return Array.from({ length: count }, (_, number) => ({ number }));
}
