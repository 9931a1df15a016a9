import assert from "node:assert/strict";
import { test } from "node:test";
import { type ActiveState, crashLimit, workflow } from "../../src/update/states.ts";
import { assertTruthful } from "./end-state.ts";
import { type Scenario, scenarios } from "./scenarios.ts";
import { liveOn, update } from "./world-life.ts";

/** Those that end in a way which a crash on the way must not change, in every world. */
const stories = scenarios.filter(({ outcome }) => outcome !== "broken");

async function pointsOf({ make, order = update }: Scenario): Promise<readonly string[]> {
  const world = make();
  await liveOn(world, order(world));
  return world.points;
}

test("an agent that dies once, anywhere, leaves an update that ends as it would have", async (context) => {
  let tried = 0;
  for (const story of stories) {
    const points = await pointsOf(story);
    for (const place of points.keys()) {
      const world = story.make();
      const before = world.running;
      world.crashes = () => world.points.length === place + 1;

      const ended = await liveOn(world, (story.order ?? update)(world));

      const where = `${story.name}, death at ${points[place]}: ${ended.outcome}, ${ended.failure?.sentence}`;
      assert.equal(ended.outcome, story.outcome, where);
      assertTruthful(world, ended, before);
      tried += 1;
    }
  }
  context.diagnostic(`${tried} points of death tried in ${stories.length} stories`);
  assert.ok(tried > 800);
});

test("an agent that dies at the same point for ever gives the attempt up, and the host stays whole", async (context) => {
  let tried = 0;
  for (const story of stories) {
    for (const point of new Set(await pointsOf(story))) {
      if (unbearable(point)) continue;
      const world = story.make();
      const deaths = new Map<string, number>();
      world.crashes = (at) => {
        if (at !== point) return false;
        deaths.set(at, (deaths.get(at) ?? 0) + 1);
        return true;
      };

      const ended = await liveOn(world, (story.order ?? update)(world));

      assert.ok(ended.outcome, point);
      assert.ok((deaths.get(point) ?? 0) <= 2 * crashLimit, `${point}: ${deaths.get(point)} deaths`);
      const { destination, releases } = world.disk;
      const whole = destination.kind === "foreign" || destination.kind === "nothing" || releases.has(destination.id);
      assert.ok(whole, `${story.name}, death at ${point}`);
      tried += 1;
    }
  }
  context.diagnostic(`${tried} points of endless death tried`);
});

/** Where every agent dies that writes down its own starts, or that it gives up, nothing can ever be counted. */
function unbearable(point: string): boolean {
  const [state = "", call] = point.split(" | ");
  if (state === "idle") return true;
  const { condemned } = workflow[state as ActiveState];
  return call === `journal ${state}` || call === `journal ${condemned}`;
}
