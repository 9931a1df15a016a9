import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { lstatSync, mkdirSync, readlinkSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createReleaseStore } from "../../src/releases/create-release-store.ts";
import { arrange, emptyFolder, ports, put, readTree } from "./fixture.ts";

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

  test("of nothing is refused", async (t) => {
    const { store } = arrange(t);

    await assert.rejects(store.adopt("adopted-1"), { code: "nothing-to-adopt" });
  });
});
