import assert from "node:assert/strict";
import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { releasesToRemove } from "../../src/domain/retention.ts";
import { createReleaseStore } from "../../src/releases/create-release-store.ts";
import type { ReleasePlace } from "../../src/releases/release-store.ts";
import { remount, smallDisk, smallExt4 } from "./disks.ts";
import {
  emptyFolder,
  newer,
  older,
  placeIn,
  ports,
  put,
  readTree,
  release,
  stageRequest,
  type Tree,
} from "./fixture.ts";

/** A store on this disk; the artifacts lie elsewhere. */
function storeOn(t: TestContext, disk: string, place: ReleasePlace = placeIn(disk)) {
  const artifacts = emptyFolder(t);
  const store = createReleaseStore(place, ports);
  const stage = async (id: string, tree: Tree, stagedAt = 1) => {
    const file = join(artifacts, id);
    writeFileSync(file, JSON.stringify(tree));
    await store.stage(stageRequest(id, file, { release: release(id, stagedAt) }));
  };
  return { store, stage, destination: store.place.destination };
}

const large = (bytes: number): Tree => ({ data: "x".repeat(bytes) });
const many = (files: number): Tree =>
  Object.fromEntries(Array.from({ length: files }, (_, index) => [`lib/${index}`, "x"]));

describe("a disk", () => {
  for (const [what, options, tree] of [
    ["bytes", "size=1m", large(2e6)],
    ["inodes", "size=8m,nr_inodes=60", many(100)],
  ] as const) {
    test(`without ${what} left keeps the running release and takes a smaller one later`, async (t) => {
      const { store, stage, destination } = storeOn(t, smallDisk(t, options));
      await stage("v1", older);
      await store.switchTo("v1");
      const free = await store.freeSpace();

      await assert.rejects(stage("v2", tree), { code: "disk-full" });

      assert.deepEqual(readTree(destination), older);
      assert.deepEqual(readdirSync(store.place.releases).toSorted(), ["v1", "v1.json"]);
      assert.equal(await store.freeSpace(), free);
      await stage("v2", newer);
      await store.switchTo("v2");
      assert.deepEqual(readTree(destination), newer);
    });
  }

  test("that is full to the last byte still lets an adoption be undone and a release be removed", async (t) => {
    const disk = smallDisk(t, "size=512k");
    const { store, stage, destination } = storeOn(t, disk);
    await stage("v1", older);
    put(disk, destination, "folder");
    fill(join(disk, "ballast"));

    await assert.rejects(store.adopt("adopted-1"), { code: "disk-full" });

    assert.deepEqual(readTree(destination), { "app.txt": "by hand" });
    assert.deepEqual(await store.standing(), { kind: "foreign", what: "folder" });
    await store.remove("v1");
    assert.deepEqual(await store.list(), []);
  });

  test("that turns read-only keeps the running release, says so, and goes on when it is writable again", async (t) => {
    const disk = smallExt4(t);
    const { store, stage, destination } = storeOn(t, disk);
    await stage("v1", older);
    await stage("v2", newer);
    await store.switchTo("v1");

    remount(disk, "ro");

    await assert.rejects(store.switchTo("v2"), { code: "disk-read-only" });
    await assert.rejects(stage("v3", newer), { code: "disk-read-only" });
    await assert.rejects(store.remove("v2"), { code: "disk-read-only" });
    assert.deepEqual(await store.standing(), { kind: "release", id: "v1" });
    assert.equal((await store.list()).length, 2);
    assert.deepEqual(readTree(destination), older);

    remount(disk, "rw");

    await store.switchTo("v2");
    assert.deepEqual(readTree(destination), newer);
  });

  test("other than that of the releases is refused for an adoption, and nothing moves", async (t) => {
    const disk = smallDisk(t, "size=1m");
    const place = { ...placeIn(emptyFolder(t)), releases: join(disk, "web") };
    const { store, destination } = storeOn(t, disk, place);
    put(join(destination, ".."), destination, "folder");

    await assert.rejects(store.adopt("adopted-1"), { code: "other-file-system" });

    assert.deepEqual(readTree(destination), { "app.txt": "by hand" });
    assert.deepEqual(readdirSync(place.releases), []);
  });

  test("other than that of the releases can still be switched on", async (t) => {
    const disk = smallDisk(t, "size=1m");
    const place = { ...placeIn(emptyFolder(t)), releases: join(disk, "web") };
    const { store, stage, destination } = storeOn(t, disk, place);
    await stage("v1", older);

    await store.switchTo("v1");

    assert.deepEqual(readTree(destination), older);
    assert.deepEqual(await store.standing(), { kind: "release", id: "v1" });
  });

  for (const layout of ["symlink", "in-place"] as const) {
    test(`that is mounted at the destination cannot be replaced (${layout})`, async (t) => {
      const disk = smallDisk(t, "size=1m");
      const place = { service: "web", destination: disk, releases: join(disk, "../.dropship/web"), layout };
      const { store, stage } = storeOn(t, disk, place);
      writeFileSync(join(disk, "app.txt"), "by hand");
      await stage("v1", older);

      await assert.rejects(
        store.adopt("adopted-1").then(() => store.switchTo("v1")),
        { code: "destination-mounted" },
      );

      assert.deepEqual(readTree(disk), { "app.txt": "by hand" });
      assert.ok(readdirSync(place.releases).every((name) => !name.startsWith(".move")));
    });
  }

  test("of 64 MiB is not filled by 20 deployments of 12 MB", async (t) => {
    const { store, stage, destination } = storeOn(t, smallDisk(t, "size=64m"));

    for (let round = 1; round <= 20; round += 1) {
      const current = (await store.list()).at(-1)?.id;
      await stage(`v${round}`, large(12e6), round);
      await store.switchTo(`v${round}`);
      const releases = await store.list();
      const kept = { current: `v${round}`, rollbackTarget: current, pinned: new Set<string>() };
      const good = releases.map(({ id }) => id);
      const doomed = releasesToRemove({ releases, ...kept, good, evidence: new Set(), keepReleases: 3, scarce: false });
      for (const id of doomed) await store.remove(id);
    }

    assert.deepEqual(
      (await store.list()).map(({ id }) => id),
      ["v18", "v19", "v20"],
    );
    assert.equal(readTree(destination)?.["data"]?.length, 12e6);
    assert.ok((await store.freeSpace()) > 20e6);
  });
});

function fill(path: string): void {
  mkdirSync(path);
  for (let size = 65_536, file = 0; size >= 1; ) {
    try {
      writeFileSync(join(path, String(file)), "x".repeat(size), { flag: "wx" });
      file += 1;
    } catch {
      size = Math.floor(size / 16);
    }
  }
}
