import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { files } from "../../../src/platform/files.ts";
import { smallExt4 } from "../../releases/disks.ts";
import { beside, key, place, strange } from "./beside.ts";
import { bytes, failed, soon, textAt, versionOf } from "./opened.ts";

/** Long enough for what does not hang, on a busy machine. */
const patience = 1_500;

test("a file system that hangs is waited for until the deadline only, and takes two threads at most", async (t) => {
  const { artifact } = await place(t);
  let hanging = 0;
  const woken = Promise.withResolvers<void>();
  t.after(() => woken.resolve());
  const hold: typeof files.hold = async (folder) => {
    hanging += 1;
    await woken.promise;
    return files.hold(folder);
  };
  const store = strange(artifact, { hold }, patience);
  const started = performance.now();

  const calls = [
    ...Array.from({ length: 6 }, () => store.read(key, soon())),
    store.put(key, bytes("x"), soon()),
    store.list("web/", soon()),
    store.remove(key, soon()),
    store.swap(key, bytes("x"), undefined, soon()),
  ];

  await Promise.all(calls.map((call) => failed(call, "rollout-store-unanswered")));
  assert.ok(performance.now() - started < 10_000);
  assert.equal(hanging, 2);
  // What came back is no longer in the way.
  woken.resolve();
  assert.equal(await store.read(key, soon()), undefined);
});

test("a change that hangs in the middle is unknown, and before it certainly not done", async (t) => {
  const { artifact } = await place(t);
  const direct = beside(artifact);
  const version = versionOf(await direct.swap(key, bytes("1"), undefined, soon()));
  const woken = Promise.withResolvers<void>();
  t.after(() => woken.resolve());
  const before = strange(artifact, { sync: (path) => woken.promise.then(() => files.sync(path)) }, patience);
  const within = strange(
    artifact,
    { rename: (from, to) => woken.promise.then(() => files.rename(from, to)) },
    patience,
  );

  await failed(before.swap(key, bytes("early"), version, soon()), "rollout-store-unanswered");
  const swap = await within.swap(key, bytes("late"), version, soon());
  woken.resolve();
  for (const end = Date.now() + 5_000; (await textAt(direct, key)) === "1" && Date.now() < end; ) await sleep(20);

  assert.equal(swap.outcome, "unknown");
  assert.equal(await textAt(direct, key), "late");
});

test("a real file system that is frozen holds up its own changes only, and is used again when it thaws", async (t) => {
  const frozen = smallExt4(t);
  const artifact = join(frozen, "web.tar.gz");
  const store = strange(artifact, {}, patience);
  const version = versionOf(await beside(artifact).swap(key, bytes("1"), undefined, soon()));
  const { artifact: elsewhere } = await place(t);
  const started = performance.now();

  execFileSync("fsfreeze", ["--freeze", frozen]);
  try {
    const calls = Array.from({ length: 3 }, () => store.swap(key, bytes("2"), version, soon()));
    await Promise.all(calls.map((call) => failed(call, "rollout-store-unanswered")));
    versionOf(await beside(elsewhere).swap(key, bytes("1"), undefined, soon()));
  } finally {
    execFileSync("fsfreeze", ["--unfreeze", frozen]);
  }

  assert.ok(performance.now() - started < 10_000);
  for (const end = Date.now() + 5_000; Date.now() < end; await sleep(20)) {
    if ((await store.read(key, soon()).catch(() => undefined)) !== undefined) break;
  }
  assert.equal(await textAt(store, key), "1");
  versionOf(await store.swap(key, bytes("3"), version, soon()));
});
