import assert from "node:assert/strict";
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { files } from "../../../src/platform/files.ts";
import { beside, key, place, refusal, strange } from "./beside.ts";
import { bytes, failed, soon, textAt, versionOf } from "./opened.ts";

const isMark = (path: string) => /\/present\.[^/]*$/.test(path);

test("a writer that stood still while others went on misses, however late it wakes", async (t) => {
  const { artifact } = await place(t);
  const other = beside(artifact);
  const first = versionOf(await other.swap(key, bytes("1"), undefined, soon()));
  const asleep = Promise.withResolvers<void>();
  const woken = Promise.withResolvers<void>();
  t.after(() => woken.resolve());
  const slow = strange(artifact, {
    async rename(from, to) {
      if (isMark(from)) {
        asleep.resolve();
        await woken.promise;
      }
      await files.rename(from, to);
    },
  });

  const late = slow.swap(key, bytes("late"), first, soon());
  await asleep.promise;
  const second = versionOf(await other.swap(key, bytes("2"), first, soon()));
  versionOf(await other.swap(key, bytes("3"), second, soon()));
  woken.resolve();

  assert.deepEqual(await late, { outcome: "conflict" });
  assert.equal(await textAt(other, key), "3");
});

test("a writer that stood still for more changes than are remembered does not claim to know", async (t) => {
  const { artifact, record } = await place(t);
  const other = beside(artifact);
  const first = versionOf(await other.swap(key, bytes("0"), undefined, soon()));
  const asleep = Promise.withResolvers<void>();
  const woken = Promise.withResolvers<void>();
  t.after(() => woken.resolve());
  const slow = strange(artifact, {
    async rename(from, to) {
      asleep.resolve();
      await woken.promise;
      await files.rename(from, to);
    },
  });

  const late = slow.swap(key, bytes("late"), first, soon());
  await asleep.promise;
  let present = first;
  for (let turn = 1; turn <= 6; turn += 1)
    present = versionOf(await other.swap(key, bytes(`${turn}`), present, soon()));
  woken.resolve();

  const swap = await late;
  assert.equal(swap.outcome, "unknown");
  assert.equal(await textAt(other, key), "6");
  versionOf(await other.swap(key, bytes("7"), present, soon()));
  assert.equal((await readdir(record)).length, 2);
});

test("who clears up after his change takes no value away that came after it", async (t) => {
  const { artifact } = await place(t);
  const first = versionOf(await beside(artifact).swap(key, bytes("1"), undefined, soon()));
  const changed = Promise.withResolvers<void>();
  const written = Promise.withResolvers<void>();
  const cleared = Promise.withResolvers<void>();
  const slow = strange(artifact, {
    async rename(from, to) {
      await files.rename(from, to);
      changed.resolve();
      await written.promise;
    },
  });
  const next = strange(artifact, {
    async rename(from, to) {
      written.resolve();
      await cleared.promise;
      await files.rename(from, to);
    },
  });

  const earlier = slow.swap(key, bytes("2"), first, soon());
  await changed.promise;
  const second = (await next.read(key, soon()))?.version;
  const later = next.swap(key, bytes("3"), second, soon());
  versionOf(await earlier);
  cleared.resolve();

  versionOf(await later);
  assert.equal(await textAt(beside(artifact), key), "3");
});

test("a server that did it, lost the answer, and was asked again is not believed that there was nothing to do", async (t) => {
  const { artifact } = await place(t);
  const store = strange(artifact, {
    async rename(from, to) {
      await files.rename(from, to);
      if (isMark(from) || to.endsWith("record=")) throw refusal("ENOENT");
    },
  });

  const first = versionOf(await store.swap(key, bytes("1"), undefined, soon()));
  const second = versionOf(await store.swap(key, bytes("2"), first, soon()));

  const present = await beside(artifact).read(key, soon());
  assert.equal(present?.version, second);
  assert.deepEqual(await store.swap(key, bytes("x"), first, soon()), { outcome: "conflict" });
});

test("a change that the server did not answer for is unknown, done or not", async (t) => {
  for (const code of ["EIO", "ESTALE", "ETIMEDOUT", "ECONNRESET"]) {
    for (const done of [true, false]) {
      const { artifact } = await place(t);
      const direct = beside(artifact);
      const first = versionOf(await direct.swap(key, bytes("1"), undefined, soon()));
      const store = strange(artifact, {
        async rename(from, to) {
          if (done) await files.rename(from, to);
          throw refusal(code);
        },
      });

      const swap = await store.swap(key, bytes("2"), first, soon());

      assert.equal(swap.outcome, "unknown", code);
      assert.equal(swap.outcome === "unknown" && swap.problem.code, "rollout-store-unanswered");
      assert.equal(await textAt(direct, key), done ? "2" : "1");
      const present = await direct.read(key, soon());
      versionOf(await direct.swap(key, bytes("3"), present?.version, soon()));
    }
  }
});

test("a listing that shows no mark or two is looked at again, and not for ever", async (t) => {
  const { artifact, record } = await place(t);
  versionOf(await beside(artifact).swap(key, bytes("1"), undefined, soon()));
  let listings = 0;
  const unsteady = strange(artifact, {
    async names(folder) {
      const names = await files.names(folder);
      listings += 1;
      if (listings === 1) return names.filter((name) => !name.startsWith("present."));
      if (listings === 2) return [...names, `present.${"0".repeat(32)}`];
      return names;
    },
  });

  assert.equal(await textAt(unsteady, key), "1");
  assert.equal(listings, 3);
  await writeFile(join(record, `present.${"0".repeat(32)}`), "");
  const started = performance.now();
  const several = await failed(unsteady.read(key, soon()), "rollout-store-nonsense");
  assert.match(several.message, /several values/);
  assert.ok(performance.now() - started < 5_000);
  for (const name of await readdir(record)) if (name.startsWith("present.")) await rm(join(record, name));
  assert.match((await failed(unsteady.read(key, soon()), "rollout-store-nonsense")).message, /no value/);
});

test("a value that goes while it is read is read again", async (t) => {
  const { artifact } = await place(t);
  const other = beside(artifact);
  let present = versionOf(await other.swap(key, bytes("1"), undefined, soon()));
  let turns = 0;
  const slow = strange(artifact, {
    async *chunks(path) {
      if (turns < 3) present = versionOf(await other.swap(key, bytes(`changed ${turns++}`), present, soon()));
      yield* files.chunks(path);
    },
  });

  assert.equal(await textAt(slow, key), "changed 2");
});

test("what a host left half made is gone once the same is made, and never comes in half", async (t) => {
  const { artifact, record } = await place(t);
  const store = beside(artifact);
  const asleep = Promise.withResolvers<void>();
  const woken = Promise.withResolvers<void>();
  t.after(() => woken.resolve());
  const slow = strange(artifact, {
    async rename(from, to) {
      if (to.endsWith("record=")) {
        asleep.resolve();
        await woken.promise;
      }
      await files.rename(from, to);
    },
  });

  const late = slow.swap(key, bytes("late"), undefined, soon());
  await asleep.promise;
  versionOf(await store.swap(key, bytes("1"), undefined, soon()));
  await store.remove(key, soon());
  woken.resolve();

  assert.notEqual((await late).outcome, "swapped");
  assert.equal(await store.read(key, soon()), undefined);
  versionOf(await store.swap(key, bytes("2"), undefined, soon()));
  assert.deepEqual(await readdir(join(record, "..")), ["record="]);
});

test("a folder that is being cleared away cannot come in half", async (t) => {
  const { artifact } = await place(t);
  const asleep = Promise.withResolvers<void>();
  const woken = Promise.withResolvers<void>();
  t.after(() => woken.resolve());
  const slow = strange(artifact, {
    async rename(from, to) {
      if (to.endsWith("record=")) {
        asleep.resolve();
        await woken.promise;
      }
      await files.rename(from, to);
    },
  });
  const late = slow.swap(key, bytes("late"), undefined, soon());
  await asleep.promise;
  const clearing = strange(artifact, {
    async remove(path) {
      if (/record=[0-9a-f]+$/.test(path)) {
        const [first = ""] = await files.names(path);
        await files.remove(join(path, first));
        await beside(artifact).remove(key, soon());
        woken.resolve();
        await late;
      }
      await files.remove(path);
    },
  });

  versionOf(await clearing.swap(key, bytes("1"), undefined, soon()));

  assert.notEqual((await late).outcome, "swapped");
  assert.equal(await beside(artifact).read(key, soon()), undefined);
});
