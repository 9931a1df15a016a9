import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readlinkSync, renameSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createReleaseStore } from "../../src/releases/create-release-store.ts";
import { arrange, emptyFolder, older, ports, put, readTree } from "./fixture.ts";

describe("adoption", () => {
  test("works where the machine cannot swap two names in one step", async (t) => {
    const { folder, place, destination } = arrange(t);
    const store = createReleaseStore(place, { ...ports, files: { ...ports.files, exchange: async () => false } });
    put(folder, destination, "folder");

    await store.adopt("adopted-1");

    assert.deepEqual(readTree(destination), { "app.txt": "by hand" });
    assert.deepEqual(await store.standing(), { kind: "release", id: "adopted-1" });
  });

  test("swaps in one step on this machine", async (t) => {
    const folder = emptyFolder(t);
    mkdirSync(join(folder, "one"));
    symlinkSync("text", join(folder, "two"));

    assert.equal(await ports.files.exchange(join(folder, "one"), join(folder, "two")), true);

    assert.equal(readlinkSync(join(folder, "one")), "text");
    assert.ok(lstatSync(join(folder, "two")).isDirectory());
  });

  test("keeps the digest of a file, so that the same artifact is not deployed again", async (t) => {
    const { folder, store, destination } = arrange(t);
    put(folder, destination, "file");

    const adopted = await store.adopt("adopted-1");

    assert.equal(adopted.digest, createHash("sha256").update("by hand").digest("hex"));
    assert.equal(adopted.size, 7);
  });

  test("of a link is no release to go back to while what it leads to is missing", async (t) => {
    const { folder, store, stage, destination } = arrange(t);
    await stage("v1", older);
    put(folder, destination, "link");
    await store.adopt("adopted-1");
    await store.switchTo("v1");

    renameSync(join(folder, "elsewhere"), join(folder, "unmounted"));

    assert.equal(await store.has("adopted-1"), false);
    await assert.rejects(store.switchTo("adopted-1"), { code: "release-missing" });
    assert.deepEqual(readTree(destination), older);

    renameSync(join(folder, "unmounted"), join(folder, "elsewhere"));

    await store.switchTo("adopted-1");
    assert.deepEqual(readTree(destination), { "app.txt": "by hand" });
  });

  test("of a link that leads nowhere gives way to the first release", async (t) => {
    const { store, stage, destination } = arrange(t);
    await stage("v1", older);
    symlinkSync("nowhere", destination);

    await store.adopt("adopted-1");

    assert.deepEqual(await store.standing(), { kind: "release", id: "adopted-1" });
    await store.switchTo("v1");
    assert.deepEqual(readTree(destination), older);
  });

  test("of nothing is refused", async (t) => {
    const { store } = arrange(t);

    await assert.rejects(store.adopt("adopted-1"), { code: "nothing-to-adopt" });
  });
});
