import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { assertTruthful } from "./end-state.ts";
import { type FleetScenario, fleetScenarios } from "./fleet-scenarios.ts";
import { type World, world as worldOf } from "./world.ts";
import { fleetOf, happens, self } from "./world-fleet.ts";
import { liveOn, update } from "./world-life.ts";

/** The fleet knows how it ended, once, and nothing of this host's is left over. */
function assertReported(world: World, { proof, outcome }: FleetScenario, where: string): void {
  const { fleet, journal } = world;
  assert.ok(fleet);
  assert.deepEqual(journal.state.rollout?.owed ?? [], [], where);
  const slot = fleet.record?.slots[self];
  assert.equal(slot?.state, outcome === "broken" ? "broken" : undefined, `the slot is given back: ${where}`);
  assert.ok(proof(fleet), `${where}: ${JSON.stringify(fleet.record)}`);
  assert.ok((journal.state.rollout?.floor ?? 0) <= (fleet.record?.seq ?? 0), where);
  assert.equal(fleet.beating.size, 0, `no beat outlives its update: ${where}`);
}

describe("a host that goes with others", () => {
  for (const story of fleetScenarios) {
    const { name, make, order = update, outcome } = story;
    test(`${name}: ${outcome}`, async () => {
      const world = make();
      const before = world.running;

      const ended = await liveOn(world, order(world));

      assert.equal(ended.outcome, outcome, ended.failure?.sentence ?? "no failure");
      assertTruthful(world, ended, before);
      assertReported(world, story, name);
      assert.ok((world.fleet?.finished.length ?? 0) <= 1);
    });
  }
});

test("a service that was stopped for nothing is well again before its slot is given back", async () => {
  const world = worldOf();
  world.fleet = fleetOf();
  world.fleet.fenceTakes = 6000;
  const [probe] = world.probes;
  assert.ok(probe);
  let asked = 0;
  const check: typeof probe.probe.check = async () => {
    asked += 1;
    return { healthy: asked > 3, detail: `answer ${asked}` };
  };
  world.probes = [{ ...probe, probe: { ...probe.probe, check } }];
  let answersByThen = 0;
  world.onState = (state) => {
    if (state === "reporting") answersByThen = asked;
  };

  const ended = await liveOn(world, update(world));

  assert.equal(ended.outcome, "postponed");
  assert.equal(answersByThen, 5);
});

test("an agent that dies once, anywhere, with a slot or on the way to it: the fleet hears the outcome, once", async (context) => {
  let tried = 0;
  for (const story of fleetScenarios) {
    const { make, order = update, name, outcome } = story;
    const whole = make();
    await liveOn(whole, order(whole));
    for (const [place, point] of whole.points.entries()) {
      const world = make();
      const before = world.running;
      world.crashes = () => world.points.length === place + 1;

      const ended = await liveOn(world, order(world));

      const where = `${name}, death at ${point}: ${ended.outcome}, ${ended.failure?.sentence}`;
      assert.equal(ended.outcome, outcome, where);
      assertTruthful(world, ended, before);
      assertReported(world, story, where);
      tried += 1;
    }
  }
  context.diagnostic(`${tried} points of death tried in ${fleetScenarios.length} stories`);
  assert.ok(tried > 500);
});

test("a host that died right after its switch, and cannot look what stands there, goes back when the fleet says no", async () => {
  const world = worldOf();
  const fleet = fleetOf();
  world.fleet = fleet;
  const before = world.running;
  let died = false;
  world.crashes = (point) => {
    const dies = !died && /^switching \| switchTo \| after/.test(point);
    if (dies) {
      died = true;
      happens(fleet, { type: "halt", reason: "it is bad" });
    }
    return dies;
  };
  let looks = 0;
  world.onCall = (name, state) => {
    if (!died || state !== "switching" || name !== "standing") return undefined;
    looks += 1;
    if (looks === 1) throw new Error("the disk does not answer");
    return undefined;
  };

  const ended = await liveOn(world, update(world));

  assert.ok(died && looks > 0);
  assert.equal(world.running, before, "what ran before runs again");
  assert.equal(world.disk.destination.kind === "release" && world.disk.destination.id, ended.previous?.id);
  assert.equal(ended.outcome, "rolled-back");
});
