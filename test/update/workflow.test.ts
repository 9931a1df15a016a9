import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { type ActiveState, workflow } from "../../src/update/states.ts";
import { assertTruthful } from "./end-state.ts";
import { fleetScenarios } from "./fleet-scenarios.ts";
import { scenarios } from "./scenarios.ts";
import { world as worldOf } from "./world.ts";
import { live, liveOn, update } from "./world-life.ts";

const states = Object.keys(workflow) as ActiveState[];

describe("every story ends with the truth", () => {
  for (const { name, make, outcome, order = update } of scenarios) {
    test(`${name}: ${outcome}`, async () => {
      const world = make();
      const before = world.running;

      const ended = await liveOn(world, order(world));

      assert.equal(ended.outcome, outcome, ended.failure?.sentence ?? "no failure");
      assertTruthful(world, ended, before);
    });
  }
});

test("every arrow of the table is taken", async () => {
  const taken = new Set<string>();
  const note = (arrows: ReadonlySet<string>) => {
    for (const arrow of arrows) taken.add(arrow);
  };
  for (const { make, order = update } of [...scenarios, ...fleetScenarios]) {
    const world = make();
    await liveOn(world, order(world));
    note(world.arrows);
    // Crashing for ever in each state that this story comes through.
    for (const state of new Set(world.points.map((point) => point.split(" | ")[0] ?? ""))) {
      const doomed = make();
      doomed.crashes = (point) => point.startsWith(`${state} | `) && !point.includes(`| journal ${state} `);
      await liveOn(doomed, order(doomed)).catch(() => undefined);
      note(doomed.arrows);
    }
  }
  for (const state of states.filter((name) => workflow[name].stop === "end")) {
    const world = worldOf("release");
    const stop = new AbortController();
    world.onState = (entered) => entered === state && stop.abort();
    await live(world, update(world), stop.signal);
    note(world.arrows);
  }

  const all = states.flatMap((state) =>
    [...Object.keys(workflow[state].next), "condemned"].map((way) => `${state} ${way}`),
  );
  assert.deepEqual(
    all.filter((arrow) => !taken.has(arrow)),
    [],
  );
});
