import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeRecord } from "../../src/domain/rollout/record-text.ts";
import { encodeReport } from "../../src/domain/rollout/report-text.ts";
import { watchHolder } from "../../src/rollout/sign-of-life.ts";
import { type RolloutSight, watchRollout } from "../../src/rollout/watch-rollout.ts";
import { recordOf, reportOf, slot } from "../domain/rollout/fleet-as-seen.ts";
import { never, space, type World, world } from "./hosts.ts";

const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

function put(fleet: World, seq: number, given: Parameters<typeof recordOf>[0] = {}): void {
  fleet.store.set(space.record, text(encodeRecord(recordOf({ seq, ...given }))));
}

/** All that is seen within so much simulated time. */
async function seenIn(fleet: World, most: number): Promise<{ sights: RolloutSight[]; thrown?: unknown }> {
  const sights: RolloutSight[] = [];
  const watching = (async () => {
    for await (const sight of watchRollout({ ...fleet, space, most }, never)) sights.push(sight);
  })();
  try {
    await fleet.clock.run(watching);
    return { sights };
  } catch (thrown) {
    return { sights, thrown };
  }
}

test("a change is seen at once, and nothing less often than every two seconds", async () => {
  const fleet = world();
  put(fleet, 1);
  fleet.clock.at(fleet.clock.monotonic() + 500, () => put(fleet, 2));

  const { sights } = await seenIn(fleet, 10_000);

  assert.deepEqual(
    sights.slice(0, 2).map(({ record }) => record?.seq),
    [1, 2],
  );
  assert.ok(sights.length >= 5 && sights.length <= 8, `${sights.length} sights`);
});

test("a large fleet is asked for its reports more seldom than a small one", async () => {
  const readsOf = async (hosts: number) => {
    const fleet = world();
    put(fleet, 1);
    for (let at = 0; at < hosts; at += 1) {
      fleet.store.set(`${space.reports}web-${at}`, text(encodeReport(reportOf(`web-${at}`))));
    }
    await seenIn(fleet, 60_000);
    return fleet.store.counts.read / hosts;
  };

  const [few, many] = [await readsOf(10), await readsOf(300)];

  assert.ok(few > 10, `${few} reads for each of ten hosts in a minute`);
  assert.ok(many < 4, `${many} reads for each of 300 hosts in a minute`);
});

test("a store that is away for a while is said to be so beside what was seen last; then it goes on", async () => {
  const fleet = world();
  put(fleet, 1);
  fleet.clock.at(fleet.clock.monotonic() + 3_000, () => {
    fleet.store.down = true;
  });
  fleet.clock.at(fleet.clock.monotonic() + 30_000, () => {
    fleet.store.down = false;
  });

  const { sights } = await seenIn(fleet, 40_000);

  const problems = sights.map(({ problem }) => problem?.code);
  assert.ok(problems.includes("rollout-store-unanswered"));
  assert.equal(problems.at(-1), undefined);
  assert.ok(sights.every(({ record }) => record?.seq === 1));
});

test("a store that stays away, and a record that makes no sense, end it", async () => {
  const away = world();
  put(away, 1);
  away.clock.at(away.clock.monotonic() + 1_000, () => {
    away.store.down = true;
  });
  const odd = world();
  odd.store.set(space.record, "nonsense");

  const gone = await seenIn(away, 600_000);
  const unreadable = await seenIn(odd, 600_000);

  assert.equal((gone.thrown as { code?: string }).code, "rollout-store-unanswered");
  assert.ok(away.clock.monotonic() < 200_000, "it does not wait ten minutes for it");
  assert.equal((unreadable.thrown as { code?: string }).code, "record-unreadable");
});

test("a holder that beats is alive; one that does not, or beats for another attempt, is silent", async () => {
  const fleet = world();
  const one = slot({ attempt: "one" });
  put(fleet, 1, { slots: { "web-0": one, "web-1": one, "web-2": one, "web-3": one } });
  using _beat = fleet.host("web-0").beat("one");
  fleet.host("web-1").beat("one")[Symbol.dispose]();
  using _other = fleet.host("web-2").beat("another");

  const ask = (host: string) => fleet.clock.run(watchHolder({ ...fleet, space }, host, one, never));
  const begun = fleet.clock.monotonic();
  const answers = [await ask("web-0"), await ask("web-1"), await ask("web-2"), await ask("web-3")];
  const took = fleet.clock.monotonic() - begun;

  assert.deepEqual(answers, ["alive", "silent", "silent", "silent"]);
  assert.ok(took <= 4 * 37_000, `${took} ms`);
});

test("a holder that ends its update while it is watched is left alone at once", async () => {
  const fleet = world();
  put(fleet, 1, { slots: { "web-0": slot({ attempt: "one" }) } });
  fleet.clock.at(fleet.clock.monotonic() + 5_000, () => put(fleet, 2));

  const vigil = await fleet.clock.run(watchHolder({ ...fleet, space }, "web-0", slot({ attempt: "one" }), never));

  assert.equal(vigil, "over");
});
