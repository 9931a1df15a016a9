import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { describe, it } from "node:test";
import { Failure } from "../../src/domain/failures/failure.ts";
import { checkNames, probeStore, requireFit } from "../../src/rollout/capability.ts";
import { spaceOf } from "../../src/rollout/keys.ts";
import { simulatedClock } from "../update/simulated-clock.ts";
import { memoryStore } from "./memory-store.ts";
import { personalities } from "./personalities.ts";

const space = spaceOf("web", "default");
const random = { fraction: () => 0.5, name: () => randomBytes(16).toString("hex") };
const never = new AbortController().signal;

describe("the probe of a store", () => {
  it("passes a store that keeps its promises, and leaves nothing behind", async () => {
    const clock = simulatedClock();
    const store = memoryStore({ clock });

    const results = await clock.run(probeStore(store, space, random, never));

    assert.deepEqual(
      results?.map(({ check }) => check),
      checkNames,
    );
    assert.deepEqual(
      results?.filter(({ passed }) => !passed),
      [],
    );
    const left = await clock.run(store.list("", never));
    assert.deepEqual(left, []);
  });

  for (const { name, fails, of } of personalities) {
    it(`refuses a store that ${name}, by the check "${fails}"`, async () => {
      const clock = simulatedClock();
      const sound = memoryStore({ clock });

      const results = await clock.run(probeStore(of(sound), space, random, never));

      assert.equal(results?.find(({ passed }) => !passed)?.check, fails);
      assert.throws(
        () => requireFit("memory", results ?? []),
        (thrown) =>
          thrown instanceof Failure && thrown.code === "rollout-store-unfit" && thrown.message.includes(fails),
      );
      assert.deepEqual(await clock.run(sound.list("", never)), []);
    });
  }

  it("proves nothing when the store does not answer", async () => {
    const clock = simulatedClock();
    const store = memoryStore({ clock });
    store.faults.push("lost-answer");

    await assert.rejects(
      clock.run(probeStore(store, space, random, never)),
      (thrown) => thrown instanceof Failure && thrown.code === "rollout-store-unanswered",
    );
  });

  it("proves nothing where the write at an absent value goes unanswered, for it may still arrive", async () => {
    const clock = simulatedClock();
    const store = memoryStore({ clock });
    const swap: typeof store.swap = async (key, bytes, version, signal) => {
      if (version !== undefined && store.text(key) === undefined) store.faults.push({ late: 60_000 });
      return store.swap(key, bytes, version, signal);
    };

    await assert.rejects(
      clock.run(probeStore({ ...store, swap }, space, random, never)),
      (thrown) => thrown instanceof Failure && thrown.code === "rollout-store-unanswered",
    );
  });

  it("fails every check with some store", () => {
    const failed = new Set(personalities.map(({ fails }) => fails));

    assert.deepEqual(
      checkNames.filter((check) => !failed.has(check)),
      [],
    );
  });
});
