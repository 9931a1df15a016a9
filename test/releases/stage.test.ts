import assert from "node:assert/strict";
import { chmodSync, existsSync, lstatSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createReleaseStore } from "../../src/releases/create-release-store.ts";
import { arrange, newer, older, plain, ports, readTree, release, stageRequest, visible } from "./fixture.ts";

describe("staging", () => {
  test("makes a release that is listed and touches nothing else", async (t) => {
    const { store, stage, destination } = arrange(t);

    await stage("v1", older);

    assert.deepEqual(await store.list(), [release("v1")]);
    assert.deepEqual(readTree(join(store.place.releases, "v1")), older);
    assert.deepEqual(await store.standing(), { kind: "nothing" });
    assert.equal(existsSync(destination), false);
  });

  test("of a release that is there does nothing", async (t) => {
    const { store, stage } = arrange(t);
    await stage("v1", older);

    await stage("v1", newer);

    assert.deepEqual(readTree(join(store.place.releases, "v1")), older);
  });
  test("starts over where a crash left half a release", async (t) => {
    const { store, stage } = arrange(t);
    await stage("v0", older);
    mkdirSync(join(store.place.releases, ".staging-v1/half"), { recursive: true });

    await stage("v1", newer);

    assert.deepEqual(readTree(join(store.place.releases, "v1")), newer);
  });

  test("that is stopped leaves nothing", async (t) => {
    const { store, stage } = arrange(t);
    const controller = new AbortController();
    const reason = new Error("stopped");

    const staging = stage("v1", older, { signal: controller.signal, onProgress: () => controller.abort(reason) });

    await assert.rejects(staging, reason);
    assert.deepEqual(visible(store), []);
  });

  test("hides the release from others until it is whole, and lets them in then", async (t) => {
    const { store, stage } = arrange(t);
    const modes: number[] = [];
    const mode = (path: string) => lstatSync(join(store.place.releases, path)).mode & 0o777;

    await stage("v1", older, { onProgress: () => modes.push(mode(".staging-v1")) });

    assert.deepEqual(new Set(modes), new Set([0o700]));
    assert.equal(mode("v1"), 0o755);
    assert.equal(mode("."), 0o755);
    assert.equal(mode("v1.json"), 0o600);
  });

  test("gives modes whatever the umask is", async (t) => {
    const { store, stage } = arrange(t);
    const umask = process.umask(0o077);
    t.after(() => process.umask(umask));

    await stage("v1", older, { mode: 0o640 });

    assert.equal(lstatSync(store.place.releases).mode & 0o777, 0o755);
    assert.equal(lstatSync(join(store.place.releases, "v1")).mode & 0o777, 0o750);
  });

  test("refuses a releases folder that others may write", async (t) => {
    const { store, stage } = arrange(t);
    await stage("v1", older);
    chmodSync(store.place.releases, 0o777);

    await assert.rejects(stage("v2", newer), { code: "releases-folder-unsafe" });
  });

  test("refuses a releases folder that is a link", async (t) => {
    const { folder, store, stage } = arrange(t);
    mkdirSync(join(folder, "elsewhere"));
    mkdirSync(join(folder, ".dropship"));
    symlinkSync("../elsewhere", store.place.releases);

    await assert.rejects(stage("v1", older), { code: "releases-folder-unsafe" });
    assert.deepEqual(readdirSync(join(folder, "elsewhere")), []);
  });

  test("refuses an owner that this machine does not have", async (t) => {
    const { store, stage } = arrange(t);

    await assert.rejects(stage("v1", older, { owner: "no-such-user" }), { code: "owner-unknown" });
    assert.deepEqual(await store.list(), []);
  });

  test("refuses a file name that leaves the release", async (t) => {
    const { stage } = arrange(t);

    for (const fileName of ["../x", "a/b", "..", ".", ""]) {
      await assert.rejects(stage("v1", plain, { fileName }), { code: "artifact-name-unusable" });
    }
  });

  test("says how much the disk can still hold, even before anything was made", async (t) => {
    const { store } = arrange(t);

    assert.ok((await store.freeSpace()) > 0);
    assert.ok((await store.freeInodes()) > 0);
  });

  test("brings the name of the releases folder to disk, though an attempt before it failed to", async (t) => {
    const { folder, place } = arrange(t);
    const synced: string[] = [];
    let fails = true;
    const failing: typeof ports.files = {
      ...ports.files,
      async sync(path) {
        const parent = join(place.releases, "..");
        if (fails && path === parent)
          throw Object.assign(new Error("EIO: simulated"), { code: "EIO", syscall: "fsync" });
        synced.push(path);
        await ports.files.sync(path);
      },
    };
    const file = join(folder, "v1.artifact");
    writeFileSync(file, JSON.stringify(older));
    const store = createReleaseStore(place, { ...ports, files: failing });
    await assert.rejects(store.stage(stageRequest("v1", file)), { code: "disk-error" });
    fails = false;

    await store.stage(stageRequest("v1", file));

    assert.ok(synced.includes(join(place.releases, "..")));
  });

  test("that ends on a failing disk never leaves half a release that counts", async (t) => {
    const { folder, place, store } = arrange(t);
    const broken = () => Object.assign(new Error("EIO: simulated"), { code: "EIO", syscall: "fsync" });
    let published = false;
    const failing: typeof ports.files = {
      ...ports.files,
      async rename(from, to) {
        await ports.files.rename(from, to);
        published ||= to.endsWith("/v1");
      },
      async sync(path) {
        if (published && path === place.releases) throw broken();
        await ports.files.sync(path);
      },
      async remove(path) {
        if (published && path.endsWith("/v1")) await ports.files.remove(join(path, "app.txt"));
        if (published) throw broken();
        await ports.files.remove(path);
      },
    };
    const file = join(folder, "v1.artifact");
    writeFileSync(file, JSON.stringify(older));

    const staging = createReleaseStore(place, { ...ports, files: failing }).stage(stageRequest("v1", file));

    await assert.rejects(staging, { code: "disk-error" });
    if (await store.has("v1")) assert.deepEqual(readTree(join(place.releases, "v1")), older);
  });
});
