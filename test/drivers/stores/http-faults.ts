import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Store, StorePorts } from "../../../src/drivers/stores/store.ts";
import { type FaultProxy, startFaultProxy } from "../../servers/fault-proxy.ts";
import { bytes, failed, freshKey, impatientClock, soon, storePorts, textAt, versionOf } from "./opened.ts";

/** What a store over HTTP makes of answers that are lost, late, doubled or refused on the way. */
export function httpFaults(
  where: string,
  upstream: () => string,
  open: (endpoint: string, ports?: StorePorts) => Store,
): void {
  const proxied = async (run: (proxy: FaultProxy, key: string) => Promise<void>) => {
    await using proxy = await startFaultProxy(upstream());
    await run(proxy, freshKey());
  };

  test(`${where}: a swap whose answer is lost is unknown, was sent once, and is read back`, () =>
    proxied(async (proxy, key) => {
      const store = open(proxy.endpoint);
      const direct = open(upstream());
      proxy.use(() => ({ kind: "lost" }));

      const swap = await store.swap(key, bytes("1"), undefined, soon());

      assert.equal(swap.outcome, "unknown");
      assert.equal(swap.outcome === "unknown" && swap.problem.code, "rollout-store-unanswered");
      assert.equal(proxy.seen.length, 1);
      assert.equal(await textAt(direct, key), "1");
    }));

  test(`${where}: a swap that comes so late that another was first misses`, () =>
    proxied(async (proxy, key) => {
      const store = open(proxy.endpoint, storePorts({ clock: impatientClock(300) }));
      const direct = open(upstream());
      const version = versionOf(await direct.swap(key, bytes("1"), undefined, soon()));
      proxy.use(() => ({ kind: "late", milliseconds: 900 }));

      const swap = await store.swap(key, bytes("late"), version, soon());
      const other = await direct.swap(key, bytes("other"), version, soon());
      await sleep(1_000);

      assert.equal(swap.outcome, "unknown");
      assert.equal(other.outcome, "swapped");
      assert.equal(await textAt(direct, key), "other");
    }));

  test(`${where}: a swap that arrives twice is done once`, () =>
    proxied(async (proxy, key) => {
      const store = open(proxy.endpoint);
      const version = versionOf(await store.swap(key, bytes("1"), undefined, soon()));
      proxy.use(() => ({ kind: "twice" }));

      const swap = versionOf(await store.swap(key, bytes("2"), version, soon()));

      proxy.use(undefined);
      assert.equal((await store.read(key, soon()))?.version, swap);
    }));

  test(`${where}: an answer that says nobody knows leaves a swap unknown; a refusal and "later" say that nothing was done`, () =>
    proxied(async (proxy, key) => {
      const store = open(proxy.endpoint);
      const outcomes: string[] = [];

      for (const status of [500, 502, 503, 504, 408]) {
        proxy.use(() => ({ kind: "status", status }));
        outcomes.push((await store.swap(key, bytes("1"), undefined, soon())).outcome);
        await failed(store.read(key, soon()), "rollout-store-unanswered");
      }

      assert.deepEqual(new Set(outcomes), new Set(["unknown"]));
      proxy.use(() => ({ kind: "status", status: 429 }));
      await failed(store.swap(key, bytes("1"), undefined, soon()), "rollout-store-busy");
      await failed(store.read(key, soon()), "rollout-store-busy");
      for (const status of [400, 403, 404, 413]) {
        proxy.use(() => ({ kind: "status", status }));
        await failed(store.swap(key, bytes("1"), undefined, soon()), "rollout-store-refused");
        await failed(store.read(key, soon()), "rollout-store-refused");
      }
      proxy.use(() => ({ kind: "redirect", status: 307, to: `${upstream()}/` }));
      await failed(store.swap(key, bytes("1"), undefined, soon()), "rollout-store-refused");
      proxy.use(undefined);
      assert.equal(await store.read(key, soon()), undefined);
    }));

  test(`${where}: an answer that is cut, or that is something else, is never taken for "there is none" or "done"`, () =>
    proxied(async (proxy, key) => {
      const store = open(proxy.endpoint);
      const nonsense = await startFaultProxy();
      const stranger = open(nonsense.endpoint);

      proxy.use(() => ({ kind: "cut", after: 3 }));
      const cut = await store.swap(key, bytes("1"), undefined, soon());
      await failed(store.read(key, soon()), "rollout-store-unanswered");
      await failed(stranger.read(key, soon()), "rollout-store-nonsense");
      const strange = await stranger.swap(key, bytes("1"), undefined, soon());

      await nonsense.stop();
      assert.equal(strange.outcome, "unknown");
      // An answer that says all in its head is none that was cut.
      const head = cut.outcome === "swapped" && (await open(upstream()).read(key, soon()))?.version === cut.version;
      assert.ok(cut.outcome === "unknown" || head, cut.outcome);
    }));

  test(`${where}: a server that takes everything and says nothing is waited for until the deadline only`, () =>
    proxied(async (proxy, key) => {
      const store = open(proxy.endpoint, storePorts({ clock: impatientClock(400) }));
      proxy.use(() => ({ kind: "silence" }));
      const started = performance.now();

      await failed(store.read(key, soon()), "rollout-store-unanswered");
      const swap = await store.swap(key, bytes("1"), undefined, soon());

      assert.equal(swap.outcome, "unknown");
      assert.ok(performance.now() - started < 3_000);
    }));

  test(`${where}: where nothing listens a swap was certainly not done`, async () => {
    const proxy = await startFaultProxy();
    await proxy.stop();
    const store = open(proxy.endpoint);

    await failed(store.swap(freshKey(), bytes("1"), undefined, soon()), "rollout-store-unanswered");
    await failed(store.read(freshKey(), soon()), "rollout-store-unanswered");
  });
}
