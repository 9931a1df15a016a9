import assert from "node:assert/strict";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "../../../src/drivers/stores/store.ts";
import { systemRandom } from "../../../src/platform/random.ts";
import { probeStore } from "../../../src/rollout/capability.ts";
import { spaceOf } from "../../../src/rollout/keys.ts";
import { assertCounted, countTogether, tallyOf } from "./counting.ts";
import { bytes, freshKey, soon, textAt, versionOf } from "./opened.ts";

/** What every store that a `lock` names promises on a real server; `where` begins the names of the tests. */
export function commonPromises(where: string, open: () => Store): void {
  test(`${where}: a value is made once, changed at its version only, and never where none is`, async () => {
    const store = open();
    const key = freshKey();

    const absent = await store.read(key, soon());
    const first = versionOf(await store.swap(key, bytes("1"), undefined, soon()));
    const again = await store.swap(key, bytes("x"), undefined, soon());
    const second = versionOf(await store.swap(key, bytes("2"), first, soon()));
    const late = await store.swap(key, bytes("x"), first, soon());
    const elsewhere = await store.swap(freshKey(), bytes("x"), second, soon());

    assert.equal(absent, undefined);
    assert.deepEqual(
      [again, late, elsewhere],
      Array.from({ length: 3 }, () => ({ outcome: "conflict" })),
    );
    assert.equal((await store.read(key, soon()))?.version, second);
    assert.equal(await textAt(store, key), "2");
    assert.notEqual(first, second);
    store.close();
  });

  test(`${where}: what is no version of this store is at no state, the absent one included`, async () => {
    const store = open();
    const key = freshKey();

    const answers = await Promise.all(
      ["", "0", "*", "-1", '"etag"'].map((version) => store.swap(key, bytes("x"), version, soon())),
    );

    assert.deepEqual(new Set(answers.map(({ outcome }) => outcome)), new Set(["conflict"]));
    assert.equal(await store.read(key, soon()), undefined);
    store.close();
  });

  test(`${where}: it passes every check that a rollout asks of a store, and nothing of them is left`, async () => {
    const store = open();
    const space = spaceOf("probed", systemRandom.name());

    const results = await probeStore(store, space, systemRandom, soon());

    assert.deepEqual(
      results.filter(({ passed }) => !passed),
      [],
    );
    assert.ok(results.length >= 9);
    assert.deepEqual(await store.list(space.record.replace(/record$/, ""), soon()), []);
    store.close();
  });

  test(`${where}: a value that was removed and made again has a version of its own`, async () => {
    const store = open();
    const key = freshKey();
    const first = versionOf(await store.swap(key, bytes("1"), undefined, soon()));
    await store.remove(key, soon());
    await store.remove(key, soon());

    const second = versionOf(await store.swap(key, bytes("1"), undefined, soon()));

    assert.notEqual(first, second);
    assert.deepEqual(await store.swap(key, bytes("x"), first, soon()), { outcome: "conflict" });
    store.close();
  });

  test(`${where}: all bytes and names come back as they were given; a list holds what is below`, async () => {
    const store = open();
    const space = `web%2Fsite/${freshKey().split("/")[1]}`;
    const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
    const large = Uint8Array.from({ length: 64 * 1024 }, (_, place) => place % 251);
    const values = { "beats/h%C3%A4.1": every, "beats/~a_b-c": new Uint8Array(), "reports/a": large, record: every };

    for (const [name, value] of Object.entries(values)) await store.put(`${space}/${name}`, value, soon());

    for (const [name, value] of Object.entries(values)) {
      assert.deepEqual([...((await store.read(`${space}/${name}`, soon()))?.bytes ?? [])], [...value], name);
    }
    const beats = await store.list(`${space}/beats/`, soon());
    assert.deepEqual([...beats].sort(), [`${space}/beats/h%C3%A4.1`, `${space}/beats/~a_b-c`]);
    assert.deepEqual(await store.list(`${space}/none/`, soon()), []);
    store.close();
  });

  test(`${where}: of 32 who write at one version one gets through, and eight who count lose nothing`, async () => {
    const store = open();
    const key = freshKey();
    const writers = Array.from({ length: 8 }, open);

    const creates = await Promise.all(
      Array.from({ length: 32 }, (_, place) => store.swap(key, bytes(`${place}`), undefined, soon())),
    );
    const counted = freshKey();
    await countTogether(writers, counted, 10, 30_000).finished;

    assert.deepEqual(creates.filter(({ outcome }) => outcome !== "conflict").length, 1);
    assert.equal(await textAt(store, key), `${creates.findIndex(({ outcome }) => outcome === "swapped")}`);
    assertCounted(tallyOf((await store.read(counted, soon()))?.bytes), 8, 10);
    for (const one of [store, ...writers]) one.close();
  });

  test(`${where}: a watch, where there is one, wakes when a value is changed, made or already another, and ends with its patience`, async () => {
    const store = open();
    const other = open();
    const key = freshKey();
    if (store.watch === undefined) {
      assert.ok(store.pace > 0, "what cannot be watched is asked at a pace");
      return;
    }
    const watched = async (version: string | undefined, patience: number) => {
      const started = performance.now();
      await store.watch?.(key, version, patience, soon());
      return performance.now() - started;
    };

    const made = watched(undefined, 20_000);
    await sleep(300);
    const first = versionOf(await other.swap(key, bytes("1"), undefined, soon()));
    const changed = watched(first, 20_000);
    await sleep(300);
    const second = versionOf(await other.swap(key, bytes("2"), first, soon()));
    const already = watched(first, 20_000);
    const patient = watched(second, 700);

    assert.ok((await made) < 2_000, `made: ${await made} ms`);
    assert.ok((await changed) < 2_000, `changed: ${await changed} ms`);
    assert.ok((await already) < 2_000, `already: ${await already} ms`);
    assert.ok((await patient) > 400 && (await patient) < 3_000, `patient: ${await patient} ms`);
    for (const one of [store, other]) one.close();
  });

  test(`${where}: whoever is told to stop stops, and nothing was written if it was told before`, async () => {
    const store = open();
    const key = freshKey();
    const version = versionOf(await store.swap(key, bytes("1"), undefined, soon()));
    const reason = new Error("told to stop");
    const stopped = AbortSignal.abort(reason);
    const later = new AbortController();
    const started = performance.now();

    const calls = [
      store.read(key, stopped),
      store.swap(key, bytes("x"), version, stopped),
      store.put(key, bytes("x"), stopped),
      store.list("web/", stopped),
      store.remove(key, stopped),
    ];
    const watch = store.watch?.(key, version, 20_000, later.signal);
    setTimeout(() => later.abort(reason), 200);

    for (const call of calls) await assert.rejects(call, reason);
    if (watch !== undefined) await assert.rejects(watch, reason);
    assert.ok(performance.now() - started < 3_000);
    assert.equal(await textAt(store, key), "1");
    store.close();
  });
}
