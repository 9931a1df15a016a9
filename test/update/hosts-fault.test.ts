import assert from "node:assert/strict";
import { test } from "node:test";
import { failure } from "../../src/domain/failures/failure.ts";
import { assertTruthful } from "./end-state.ts";
import { digestOf, markerOf, releaseOf, world as worldOf } from "./world.ts";
import { live, liveOn, update } from "./world-life.ts";

test("a disk without room is found out before a byte is fetched, and the service waits before it tries again", async () => {
  const world = worldOf();
  world.disk.freeBytes = 1_000_000;
  const before = world.running;

  const ended = await live(world, update(world));

  assert.equal(ended?.failure?.code, "space-missing");
  assert.ok(ended);
  assertTruthful(world, ended, before);
  assert.ok(!world.points.some((point) => point.includes("| download |")));
  assert.ok((world.journal.state.notBefore ?? 0) > world.clock.wall());
});

test("a download that was left behind makes room when that is what is missing", async () => {
  const world = worldOf();
  world.disk.download = { marker: markerOf("x"), digest: digestOf("x") };
  world.disk.freeBytes = 1_000_000;
  world.onCall = (name) => {
    if (name === "discard") world.disk.freeBytes = 1e12;
    return undefined;
  };

  assert.equal((await live(world, update(world)))?.outcome, "updated");
});

test("a release that is staged already is not fetched again after an abort", async () => {
  const world = worldOf();
  world.onCall = (name) => (name === "check" ? failure("artifact-missing", { artifact: "web" }) : undefined);
  assert.equal((await live(world, update(world)))?.outcome, "aborted");
  world.onCall = () => undefined;
  world.points.length = 0;

  const ended = await live(world, update(world));

  assert.equal(ended?.outcome, "updated");
  assert.equal(ended?.attempt, 2);
  assert.ok(!world.points.some((point) => point.includes("| download |")));
});

test("the way back survives a previous release that somebody removed by hand", async () => {
  const world = worldOf();
  const older = releaseOf("c", 0);
  world.disk.releases.set(older.id, older);
  world.journal.state = { ...world.journal.state, good: [older.id, releaseOf("a").id] };
  world.bad.add(digestOf("b"));
  world.onState = (state) => void (state === "switching-back" && world.disk.releases.delete(releaseOf("a").id));

  const ended = await live(world, update(world));

  assert.equal(ended?.outcome, "rolled-back");
  assert.equal(ended?.previous?.id, older.id);
  assert.equal(world.running, older.digest);
});

test("old releases go after a commit, never the current one or the one to go back to", async () => {
  const world = worldOf();
  world.service = { ...world.service, keepReleases: 2, bake: 0 };
  for (const letter of ["b", "c", "d", "e"]) {
    world.object = { marker: markerOf(letter), digest: digestOf(letter) };
    assert.equal((await liveOn(world, update(world))).outcome, "updated");
  }

  assert.deepEqual([...world.disk.releases.keys()], [releaseOf("d").id, releaseOf("e").id]);
});

test("a disk that will not give up old releases fails no update", async () => {
  const world = worldOf();
  world.service = { ...world.service, keepReleases: 1, bake: 0 };
  world.onCall = (name) => (name === "sweep" || name === "remove" ? new Error("EROFS") : undefined);

  assert.equal((await live(world, update(world)))?.outcome, "updated");
  assert.ok(world.logged.some((line) => line.startsWith("warn old releases could not be removed")));
});

test("a step that fails in a way nobody foresaw counts like a crash, and ends", async () => {
  const world = worldOf();
  const before = world.running;
  const hook = world.hooks.before[0];
  assert.ok(hook);
  Object.defineProperty(hook, "decides", {
    get() {
      throw new TypeError("a bug");
    },
  });

  const ended = await live(world, update(world));

  assert.equal(ended?.outcome, "aborted");
  assert.match(ended?.failure?.sentence ?? "", /a bug/);
  assertTruthful(world, ended, before);
  assert.ok(world.arrows.has("running-before-hooks condemned"));
});

test("clocks that jump by years change no duration and no outcome", async () => {
  for (const jump of [-86_400_000 * 3650, 86_400_000 * 3650]) {
    const world = worldOf();
    world.onState = (state) => void (state === "running-after-hooks" && world.clock.jump(jump));

    const ended = await live(world, update(world));

    assert.equal(ended?.outcome, "updated");
    assert.ok((ended?.settledAt ?? 0) !== 0);
  }
});

test("hooks are told what the update is about, also on the way back", async () => {
  const world = worldOf();
  world.bad.add(digestOf("b"));

  await live(world, update(world));

  const [a, b] = [releaseOf("a").id, releaseOf("b").id];
  assert.deepEqual(world.hookRuns, [`before ${b}`, `after ${b}`, `before ${a}`, `after ${a}`, `failure ${b}`]);
});
