import assert from "node:assert/strict";
import { test } from "node:test";
import { attemptWait } from "../../src/agent/attempt-wait.ts";
import { simulatedClock } from "../update/simulated-clock.ts";

const day = 86_400_000;

test("a wait ends when it is over, wherever the wall clock is set meanwhile", async () => {
  for (const jump of [-3650 * day, -day, -1000, 0, day, 3650 * day]) {
    const clock = simulatedClock();
    const wait = attemptWait(clock);
    const notBefore = clock.wall() + 60_000;

    assert.equal(wait.left(notBefore), 60_000);
    clock.jump(jump);
    assert.equal(wait.left(notBefore), 60_000, `after a jump of ${jump} ms`);
    await clock.run(clock.sleep(60_000));
    assert.equal(wait.left(notBefore), 0, `after a jump of ${jump} ms`);
  }
});

test("a wait that the clock's jump before the start made endless is none", () => {
  const clock = simulatedClock();
  const notBefore = clock.wall() + 60_000;
  clock.jump(-day);

  assert.equal(attemptWait(clock).left(notBefore), 0);
});

test("another wait is read anew, and none is none", () => {
  const clock = simulatedClock();
  const wait = attemptWait(clock);

  assert.equal(wait.left(clock.wall() + 30_000), 30_000);
  assert.equal(wait.left(clock.wall() + 90_000), 90_000);
  assert.equal(wait.left(undefined), 0);
});
