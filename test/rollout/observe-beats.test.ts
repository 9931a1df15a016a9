import assert from "node:assert/strict";
import { test } from "node:test";
import { createBeatObserver } from "../../src/rollout/observe-beats.ts";
import { never, request, space, world } from "./hosts.ts";

const second = 1000;

test("an observer that stood still itself calls nobody lost before it has looked for long enough", async () => {
  const fleet = world();
  const { clock, store } = fleet;
  await clock.run(fleet.host("web-0").acquire(request("one"), never, () => {}));
  const observer = createBeatObserver({ store, space, clock });
  const look = async (after: number) => {
    await clock.run(clock.sleep(after));
    return await clock.run(observer.look(fleet.record(), true, never));
  };
  await look(0);
  await look(31 * second);
  const begun = clock.monotonic();

  let lost = await look(400 * second);
  const stood = clock.monotonic() - begun;
  while (lost?.length === 0 && clock.monotonic() - begun < 3600 * second) lost = await look(31 * second);

  const after = clock.monotonic() - begun;
  assert.ok(after >= stood + 300 * second, `called lost after ${after} ms, ${stood} of which the observer stood still`);
  assert.deepEqual(lost, [{ host: "web-0", attempt: "one" }]);
});
