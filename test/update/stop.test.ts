import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { failure } from "../../src/domain/failures/failure.ts";
import { stopGrace, whenStopped } from "../../src/update/limits.ts";
import { type ActiveState, untouched, workflow } from "../../src/update/states.ts";
import { assertTruthful } from "./end-state.ts";
import { scenarios } from "./scenarios.ts";
import { world as worldOf } from "./world.ts";
import { live, liveOn, update } from "./world-life.ts";

const states = Object.keys(workflow) as ActiveState[];

/** The first story that comes through this state. */
async function storyThrough(state: ActiveState) {
  for (const story of scenarios) {
    const world = story.make();
    const entered = new Set<string>();
    world.onState = (at) => void entered.add(at);
    await liveOn(world, (story.order ?? update)(world));
    if (entered.has(state)) return story;
  }
  throw new Error(`No story comes through "${state}".`);
}

test("only what has touched nothing is ended by a stop; what waits is suspended; all else is finished", () => {
  for (const state of states) {
    const { part } = workflow[state];
    const waits = ["checking-health", "checking-rollback", "checking-restored"].includes(state);
    assert.equal(whenStopped(state), untouched(part) ? "end" : waits ? "suspend" : "finish", state);
  }
});

describe("the agent is told to stop in the state", () => {
  for (const state of states) {
    test(`${state}: it stops in time, and the next agent brings the update to the same end`, async () => {
      const { make, order = update, outcome } = await storyThrough(state);
      const world = make();
      const before = world.running;
      const stop = new AbortController();
      let asked = 0;
      world.onState = (entered) => {
        if (entered !== state || stop.signal.aborted) return;
        asked = world.clock.monotonic();
        stop.abort();
      };

      const stopped = await live(world, order(world), stop.signal);

      assert.ok(stopped);
      const took = world.clock.monotonic() - asked;
      assert.ok(took <= stopGrace + 15_000, `it took ${took} ms`);
      if (whenStopped(state) === "end") {
        assert.equal(stopped.outcome, "postponed");
        assertTruthful(world, stopped, before);
        return;
      }
      if (whenStopped(state) === "suspend") {
        assert.equal(stopped.state, state);
        assert.equal(took, 0);
      }
      const ended = stopped.state === "idle" ? stopped : await liveOn(world, order(world));
      assert.equal(ended.outcome, outcome);
      assertTruthful(world, ended, before);
    });
  }
});

test("a stop that comes between the last look and the first before hook takes nothing down", async () => {
  const world = worldOf();
  const stop = new AbortController();
  world.onCall = (name, state) => void (name === "check" && state === "confirming" && stop.abort());

  const stopped = await live(world, update(world), stop.signal);

  assert.equal(stopped?.state === "idle" || stopped?.state === "running-before-hooks", true);
  assert.deepEqual(world.hookRuns, []);
});

test("a hook that goes on too long after the stop is cut, and run again by the next agent", async () => {
  const world = worldOf();
  const stop = new AbortController();
  let hangs = true;
  world.hooks.before.unshift({
    label: "hangs",
    decides: true,
    async run({ signal }) {
      if (!hangs) return { outcome: "done", duration: 1 };
      world.clock.at(world.clock.monotonic() + 1000, () => stop.abort());
      await world.clock.sleep(300_000, signal).catch(() => {});
      return { outcome: "failed", duration: 1 };
    },
  });
  const begin = world.clock.monotonic();

  const stopped = await live(world, update(world), stop.signal);

  assert.equal(stopped?.state, "running-before-hooks");
  assert.ok(world.clock.monotonic() - begin < 60_000);
  hangs = false;
  assert.equal((await liveOn(world, update(world))).outcome, "updated");
});

test("what fails because the host shuts down is no verdict: the update goes on when it is up again", async () => {
  const world = worldOf();
  const stop = new AbortController();
  world.hooks.after.unshift({
    label: "systemctl start web",
    decides: true,
    async run() {
      // From the moment on at which the host is told to shut down, systemd starts nothing; the agent hears of it later.
      world.leaves = true;
      world.clock.at(world.clock.monotonic() + 1000, () => stop.abort());
      return { outcome: "failed", duration: 1 };
    },
  });

  const stopped = await live(world, update(world), stop.signal);
  world.leaves = false;
  world.hooks.after.shift();

  assert.equal(stopped?.state, "running-after-hooks");
  const ended = await liveOn(world, update(world));
  assert.equal(ended.outcome, "updated");
  assert.deepEqual(world.journal.state.denied, []);
});

test('a hook that says "not now" after an earlier start was cut does not leave the service down', async () => {
  const world = worldOf();
  const before = world.running;
  const stop = new AbortController();
  world.hooks.before.push({
    label: "hangs",
    decides: true,
    async run({ signal }) {
      world.clock.at(world.clock.monotonic() + 1000, () => stop.abort());
      await world.clock.sleep(300_000, signal).catch(() => {});
      return { outcome: "failed", duration: 1 };
    },
  });
  const stopped = await live(world, update(world), stop.signal);
  assert.equal(stopped?.state, "running-before-hooks");
  assert.deepEqual(world.hookRuns, ["before bbbbbbbbbbbb"], "the service was taken down");
  world.hooks.before.unshift({
    label: "says not now",
    decides: true,
    run: async () => ({ outcome: "not-now", duration: 1 }),
  });

  const ended = await liveOn(world, update(world));

  assert.equal(ended.outcome, "postponed");
  assertTruthful(world, ended, before);
});

test("any number of orderly stops during the bake condemns nothing", async () => {
  const world = worldOf();
  for (let times = 0; times < 10; times += 1) {
    const stop = new AbortController();
    world.onCall = (name) => void (name === "probe" && stop.abort());
    const stopped = await live(world, update(world), stop.signal);
    assert.equal(stopped?.state, "checking-health");
  }
  world.onCall = () => undefined;

  assert.equal((await liveOn(world, update(world))).outcome, "updated");
});

test("an update whose journal cannot be written waits where it is, and goes on when it can", async () => {
  const world = worldOf();
  world.onState = (state) => {
    if (state !== "switching") return;
    world.journal.fails = true;
    world.clock.at(world.clock.monotonic() + 120_000, () => {
      assert.equal(world.journal.update?.state, "switching");
      assert.deepEqual(world.hookRuns, ["before bbbbbbbbbbbb"], "nothing went on meanwhile");
      world.journal.fails = false;
    });
  };

  const ended = await live(world, update(world));

  assert.equal(ended?.outcome, "updated");
  assert.ok(world.logged.some((line) => line.startsWith("error the update waits for its journal")));
});

test("a stop ends the wait for the journal; the next agent goes on from what is on the disk", async () => {
  const world = worldOf();
  const stop = new AbortController();
  world.onState = (state) => {
    if (state !== "switching") return;
    world.journal.fails = true;
    world.clock.at(world.clock.monotonic() + 5000, () => stop.abort());
  };

  const stopped = await live(world, update(world), stop.signal);

  assert.equal(stopped?.state, "switching");
  world.onState = () => {};
  world.journal.fails = false;
  assert.equal((await liveOn(world, update(world))).outcome, "updated");
});

describe("the deadline of the whole update", () => {
  const hanging = (only: string) => {
    const world = worldOf();
    world.hooks[only === "before" ? "before" : "after"].unshift({
      label: "hangs",
      decides: true,
      async run({ signal, environment }) {
        if (environment["DROPSHIP_ROLLBACK"] === "1") return { outcome: "done", duration: 1 };
        await world.clock.sleep(1e9, signal).catch(() => {});
        return {
          outcome: "failed",
          failure: failure("hook-refused", { hook: "it", reason: "cut." }).note,
          duration: 1,
        };
      },
    });
    return world;
  };

  test("aborts what was not switched yet, and the service comes back", async () => {
    const world = hanging("before");
    const before = world.running;

    const ended = await liveOn(world, update(world));

    assert.equal(ended.outcome, "aborted");
    assert.equal(ended.failure?.code, "update-overdue");
    assertTruthful(world, ended, before);
    assert.deepEqual(world.journal.state.denied, []);
    assert.equal(world.journal.state.aborts, 1);
  });

  test("rolls back what was switched", async () => {
    const world = hanging("after");
    const before = world.running;

    const ended = await liveOn(world, update(world));

    assert.equal(ended.outcome, "rolled-back");
    assert.equal(ended.failure?.code, "update-overdue");
    assertTruthful(world, ended, before);
  });

  test("ends a download", async () => {
    const world = worldOf();
    world.service = { ...world.service, updateDeadline: 2000, bake: 0 };

    const ended = await liveOn(world, update(world));

    assert.equal(ended.outcome, "aborted");
    assert.equal(ended.failure?.code, "update-overdue");
  });

  test("does not count the time that a release is watched", async () => {
    const world = worldOf();
    world.service = { ...world.service, updateDeadline: 60_000, bake: 3_600_000 };

    assert.equal((await liveOn(world, update(world))).outcome, "updated");
  });
});
