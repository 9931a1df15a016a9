import assert from "node:assert/strict";
import { test } from "node:test";
import { assertTruthful } from "./end-state.ts";
import { world as worldOf } from "./world.ts";
import { live, liveOn, update } from "./world-life.ts";

test("the bake time of a service without probes is waited for all the same", async () => {
  const world = worldOf();
  const before = world.running;
  world.probes = [];
  world.service = { ...world.service, bake: 90_000 };
  let entered = 0;
  let left = 0;
  world.onState = (state) => {
    if (state === "checking-health") entered = world.clock.monotonic();
    if (state === "committing") left = world.clock.monotonic();
  };

  const ended = await liveOn(world, update(world));

  assert.equal(ended.outcome, "updated");
  assert.equal(left - entered, 90_000);
  assertTruthful(world, ended, before);
});

test("a release is remembered as what runs only when it proved good", async () => {
  const world = worldOf();
  const remembered: [string, string | undefined][] = [];
  world.onState = (state) => remembered.push([state, world.journal.state.current?.digest.slice(0, 1)]);

  await liveOn(world, update(world));

  const of = (name: string) => remembered.find(([state]) => state === name)?.[1];
  assert.equal(of("checking-health"), "a", "while it is watched, the one before is what runs");
  assert.equal(of("committing"), "b");
});

test("a stop during the bake of a service without probes suspends it; a rollback to it does not wait", async () => {
  const world = worldOf();
  world.probes = [];
  world.service = { ...world.service, bake: 90_000 };
  const stop = new AbortController();
  world.onState = (state) => {
    if (state === "checking-health") world.clock.at(world.clock.monotonic() + 5000, () => stop.abort());
  };

  const stopped = await live(world, update(world), stop.signal);

  assert.equal(stopped?.state, "checking-health");
  world.onState = () => {};
  assert.equal((await liveOn(world, update(world))).outcome, "updated");
  const begin = world.clock.monotonic();
  const target = world.disk.releases.get("a".repeat(12));
  assert.ok(target);
  assert.equal((await liveOn(world, { intent: "activate", target })).outcome, "updated");
  assert.ok(world.clock.monotonic() - begin < 90_000);
});

test("time that was used up before the switch is not taken from a release that has to prove itself", async () => {
  const first = worldOf();
  let proving = 0;
  first.service = { ...first.service, bake: 0 };
  first.onState = (state) => {
    if (state === "checking-health") proving = first.clock.monotonic();
  };
  const begin = first.clock.monotonic();
  await liveOn(first, update(first));
  const world = worldOf();
  world.service = { ...world.service, bake: 0, updateDeadline: proving - begin + 1 };

  const ended = await liveOn(world, update(world));

  assert.equal(ended.outcome, "updated");
  assert.deepEqual(world.journal.state.denied, []);
});

test("a probe that heeds no signal is given up at its time, and the update goes back", async () => {
  const world = worldOf();
  const before = world.running;
  const [probe] = world.probes;
  assert.ok(probe);
  let hangs = true;
  const check: typeof probe.probe.check = (context) => {
    if (context.environment["DROPSHIP_ROLLBACK"] === "1") hangs = false;
    return hangs ? new Promise(() => {}) : probe.probe.check(context);
  };
  world.probes = [{ ...probe, probe: { ...probe.probe, check } }];

  const ended = await liveOn(world, update(world));

  assert.equal(ended.outcome, "rolled-back");
  assertTruthful(world, ended, before);
});

test("what goes bad where somebody took the destination away goes back to what stood there last", async () => {
  const world = worldOf();
  const before = world.running;
  world.disk.destination = { kind: "nothing" };
  world.bad.add(world.object.digest);

  const ended = await liveOn(world, update(world));

  assert.equal(ended.outcome, "rolled-back");
  assertTruthful(world, ended, before);
});
