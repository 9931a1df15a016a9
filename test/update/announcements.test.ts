import assert from "node:assert/strict";
import { test } from "node:test";
import type { Hook } from "../../src/drivers/hooks/hook.ts";
import { boundedEvidence } from "../../src/update/evidence.ts";
import { announcementGrace } from "../../src/update/steps/finishing.ts";
import { world as worldOf } from "./world.ts";
import { live, liveOn, update } from "./world-life.ts";

const announcement = (run: Hook["run"]): Hook => ({ label: "graphite-event (web.hcl:5:3)", decides: false, run });

/** How long a plain update takes in this world. */
async function plainTime(): Promise<number> {
  const world = worldOf();
  const begin = world.clock.monotonic();
  await liveOn(world, update(world));
  return world.clock.monotonic() - begin;
}

test("an announcement that hangs and heeds nothing delays no hook, and the end of the update only a little", async () => {
  const plain = await plainTime();
  const world = worldOf();
  world.hooks.after.unshift(announcement(() => new Promise(() => {})));
  const begin = world.clock.monotonic();

  const ended = await live(world, update(world));

  assert.equal(ended?.outcome, "updated");
  assert.ok(world.clock.monotonic() - begin <= plain + announcementGrace + 5000);
  const downtime = (ended?.settledAt ?? 0) - (ended?.downSince ?? 0);
  const plainWorld = worldOf();
  const other = await live(plainWorld, update(plainWorld));
  assert.equal(downtime, (other?.settledAt ?? 0) - (other?.downSince ?? 0), "the outage is as short as without it");
});

test("an announcement that fails or throws decides nothing and is kept as evidence", async () => {
  const world = worldOf();
  world.hooks.before.unshift(announcement(async () => ({ outcome: "failed", duration: 1, output: "refused" })));
  world.hooks.before.unshift(announcement(() => Promise.reject(new Error("no such host"))));

  const ended = await live(world, update(world));

  assert.equal(ended?.outcome, "updated");
  const said = ended?.evidence.filter(({ source }) => source.startsWith("graphite")).map(({ text }) => text);
  assert.equal(said?.length, 2);
  assert.ok(said?.some((text) => text.includes("no such host")));
  assert.ok(said?.includes("refused"));
});

test("an announcement that is slow but ends is waited for at the end", async () => {
  const world = worldOf();
  let told = false;
  world.hooks.success.push(
    announcement(async () => {
      await world.clock.sleep(announcementGrace - 1000);
      told = true;
      return { outcome: "done", duration: 1 };
    }),
  );

  await live(world, update(world));

  assert.ok(told);
});

test("hooks and probes that flood leave a bounded record, and no state loses its last words", async () => {
  const world = worldOf();
  world.bad.add("b".repeat(64));
  world.onCall = (name) => (name.startsWith("hook") ? { output: "x".repeat(1e6) } : undefined);
  for (let more = 0; more < 100; more += 1) world.hooks.before.push({ ...flooding, label: `flood ${more}` });

  const ended = await live(world, update(world));

  assert.ok(JSON.stringify(ended?.evidence).length < 200_000);
  const states = new Set(ended?.evidence.map(({ state }) => state));
  for (const state of [
    "running-before-hooks",
    "running-after-hooks",
    "checking-health",
    "checking-rollback",
  ] as const) {
    assert.ok(states.has(state), state);
  }
});

const flooding: Hook = {
  label: "flood",
  decides: true,
  run: async () => ({ outcome: "done", output: "y".repeat(70_000), duration: 1 }),
};

test("evidence within its bounds is left as it is; beyond them the last lines stay, in order", () => {
  const line = (at: number, text = "x") => ({ at, state: "switching", source: "s", outcome: "o", text }) as const;
  const few = [line(1), line(2)];
  const many = Array.from({ length: 500 }, (_, at) => line(at));

  assert.equal(boundedEvidence(few), few);
  assert.deepEqual(
    boundedEvidence(many).map(({ at }) => at),
    Array.from({ length: 40 }, (_, place) => 460 + place),
  );
  assert.equal(boundedEvidence([line(1, "x".repeat(1e6))]).length, 1);
});
