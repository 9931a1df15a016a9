import assert from "node:assert/strict";
import { test } from "node:test";
import type { Store } from "../../../src/drivers/stores/store.ts";
import type { Server } from "../../servers/server.ts";
import { assertCounted, countTogether, tallyOf } from "./counting.ts";
import { bytes, failed, freshKey, soon, textAt, versionOf } from "./opened.ts";

interface Cluster extends Server {
  readonly endpoints: readonly string[];
  leader(): Promise<number>;
}

/** What a store of three servers promises when some of them do not answer; `open` reaches the one at this place first. */
export function clusterPromises(
  where: string,
  process: string,
  start: () => Promise<Cluster>,
  open: (cluster: Cluster, place: number) => Store,
): void {
  test(`${where}: eight who count lose nothing and count nothing twice when the leader is killed`, async () => {
    await using cluster = await start();
    const key = freshKey();
    const leader = await cluster.leader();
    const [first = 0, second = 0] = [0, 1, 2].filter((place) => place !== leader);
    // Two of them talk to the leader itself: what they have on its way is never answered.
    const places = [leader, leader, first, first, first, second, second, second];
    const each = 60;
    const stores = places.map((place) => open(cluster, place));
    const moved = stores.map((store, at) => survivor(store, () => open(cluster, at === 0 ? first : second)));
    const counting = countTogether(moved, key, each, 120_000);
    const early = await reached(() => counting.done, 60);

    globalThis.process.kill(cluster.processes.get(`${process}${leader}`) ?? 0, "SIGKILL");
    for (const one of moved.slice(0, 2)) one.move();
    await counting.finished;

    assert.ok(early < places.length * each, "the leader was killed in the middle");
    assert.ok(counting.unknown + counting.failures > 0, "somebody noticed");
    assertCounted(tallyOf((await open(cluster, first).read(key, soon()))?.bytes), places.length, each);
  });

  test(`${where}: what is left without a majority neither writes nor reads what is old, and says so in time`, async () => {
    await using cluster = await start();
    const key = freshKey();
    const store = open(cluster, 0);
    const version = versionOf(await store.swap(key, bytes("1"), undefined, soon()));

    cluster.pause(`${process}1`, `${process}2`);
    const started = performance.now();
    const [swap] = await Promise.all([
      store.swap(key, bytes("2"), version, soon()).catch((error: unknown) => error),
      failed(store.read(key, soon()), "rollout-store-unanswered"),
      failed(store.put(`${key}-beat`, bytes("1"), soon()), "rollout-store-unanswered"),
    ]);
    const took = performance.now() - started;
    cluster.resume(`${process}1`, `${process}2`);

    assert.ok(took < 12_000, `it took ${took} ms`);
    assert.equal((swap as { outcome?: string }).outcome, "unknown");
    // Whether the swap was done shows when they are together again; and then the next one gets through.
    const after = await answered(() => store.read(key, soon()));
    const text = new TextDecoder().decode(after?.bytes);
    assert.ok(text === "1" ? after?.version === version : text === "2", text);
    const next = await answered(async () => {
      const present = await store.read(key, soon());
      return versionOf(await store.swap(key, bytes("3"), present?.version, soon()));
    });
    assert.equal((await store.read(key, soon()))?.version, next);
    assert.equal(await textAt(store, key), "3");
  });
}

/** A store that is exchanged for another one, as an agent is that is pointed elsewhere. */
function survivor(first: Store, another: () => Store): Store & { move(): void } {
  let present = first;
  return {
    ...first,
    read: (...call) => present.read(...call),
    swap: (...call) => present.swap(...call),
    move() {
      present = another();
    },
  };
}

async function reached(value: () => number, wanted: number): Promise<number> {
  const end = performance.now() + 30_000;
  while (value() < wanted) {
    assert.ok(performance.now() < end, `${value()} of ${wanted}`);
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return value();
}

async function answered<Value>(call: () => Promise<Value>): Promise<Value> {
  const end = performance.now() + 30_000;
  while (true) {
    try {
      return await call();
    } catch (error) {
      if (performance.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
  }
}
