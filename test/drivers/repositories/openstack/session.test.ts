import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { createSession, type Grant } from "../../../../src/drivers/repositories/openstack/session.ts";
import { systemClock } from "../../../../src/platform/clock.ts";

const never = new AbortController().signal;

/** A session on a clock that the test sets, and how often it authenticated. */
function sessionOf(life: number | undefined, authenticate?: () => Promise<Grant>) {
  const world = { now: 1000, times: 0 };
  const grant = async (): Promise<Grant> => {
    world.times += 1;
    const made = { token: `token${world.times}`, storage: "https://store.example.com/v1/a" };
    return authenticate?.() ?? { ...made, ...(life !== undefined && { life }) };
  };
  const session = createSession(grant, { ...systemClock, monotonic: () => world.now });
  return { world, session };
}

describe("the token of an object store", () => {
  test("is kept while it lives, and renewed when a tenth of its life is left, at most two minutes before its end", async () => {
    for (const [life, margin] of [
      [10_000, 1000],
      [3_600_000, 120_000],
    ] as const) {
      const { world, session } = sessionOf(life);
      await session.current(never);

      world.now += life - margin - 1;
      assert.equal((await session.current(never)).token, "token1");
      world.now += 1;
      assert.equal((await session.current(never)).token, "token2");
    }
  });

  test("is kept for ever when nothing is said of its end", async () => {
    const { world, session } = sessionOf(undefined);
    await session.current(never);

    world.now += 1e12;

    assert.equal((await session.current(never)).token, "token1");
  });

  test("is asked for once by all who need it at the same time", async () => {
    const { world, session } = sessionOf(10_000);

    const grants = await Promise.all(Array.from({ length: 10 }, () => session.current(never)));

    assert.equal(world.times, 1);
    assert.equal(new Set(grants).size, 1);
  });

  test("is forgotten when the store refused it, but not when it is another by now", async () => {
    const { session } = sessionOf(10_000);
    const first = await session.current(never);
    session.drop(first);
    const second = await session.current(never);

    session.drop(first);

    assert.deepEqual([first.token, second.token], ["token1", "token2"]);
    assert.equal((await session.current(never)).token, "token2");
  });

  test("is asked for again after a refusal", async () => {
    const { world, session } = sessionOf(10_000, () => Promise.reject(new Error("refused")));

    await assert.rejects(session.current(never), { message: "refused" });
    await assert.rejects(session.current(never), { message: "refused" });

    assert.equal(world.times, 2);
  });

  test("is not waited for by one who was told to stop", async () => {
    const { session } = sessionOf(10_000, () => new Promise(() => {}));
    const stop = new AbortController();
    const waiting = session.current(stop.signal);

    stop.abort(new Error("stopped"));

    await assert.rejects(waiting, { message: "stopped" });
    await assert.rejects(session.current(stop.signal), { message: "stopped" });
  });
});
