import assert from "node:assert/strict";
import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { lstatSync, mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { unpack } from "../../src/drivers/archives/unpacking/unpack.ts";
import { createReleaseStore } from "../../src/releases/create-release-store.ts";
import { smallDisk } from "./disks.ts";
import { emptyFolder, placeIn, ports, readTree, stageRequest } from "./fixture.ts";

/** A tar.gz as an operator makes it. */
function packed(folder: string, files: Readonly<Record<string, string>>): string {
  const tree = join(folder, "tree");
  mkdirSync(join(tree, "bin"), { recursive: true });
  for (const [path, text] of Object.entries(files)) writeFileSync(join(tree, path), text, { mode: 0o755 });
  execFileSync("tar", ["-C", tree, "-czf", join(folder, "app.tar.gz"), "."]);
  return join(folder, "app.tar.gz");
}

describe("a real archive", () => {
  test("becomes a release with the owner and the mode of the config", async (t) => {
    const folder = emptyFolder(t);
    const store = createReleaseStore(placeIn(join(folder, "srv")), { ...ports, unpack });
    const file = packed(folder, { "bin/run": "#!/bin/sh\n", "app.conf": "port = 1\n" });

    await store.stage(stageRequest("v1", file, { owner: "daemon", mode: 0o640 }));
    await store.switchTo("v1");

    assert.deepEqual(readTree(store.place.destination), { "bin/run": "#!/bin/sh\n", "app.conf": "port = 1\n" });
    const looks = ["", "bin", "bin/run", "app.conf"].map((path) => {
      const { mode, uid, gid } = lstatSync(join(store.place.releases, "v1", path));
      return [path, (mode & 0o777).toString(8), uid, gid];
    });
    assert.deepEqual(looks, [
      ["", "750", 1, 1],
      ["bin", "750", 1, 1],
      ["bin/run", "640", 1, 1],
      ["app.conf", "640", 1, 1],
    ]);
  });

  test("that is a plain file becomes one behind the destination", async (t) => {
    const folder = emptyFolder(t);
    const store = createReleaseStore(placeIn(join(folder, "srv")), { ...ports, unpack });
    writeFileSync(join(folder, "download"), "#!/bin/sh\necho hello\n");

    await store.stage(stageRequest("v1", join(folder, "download"), { mode: 0o755 }));
    await store.switchTo("v1");

    assert.equal(execFileSync(store.place.destination, { encoding: "utf8" }), "hello\n");
    assert.ok(await store.has("v1"));
  });

  test("that is damaged leaves nothing", async (t) => {
    const folder = emptyFolder(t);
    const store = createReleaseStore(placeIn(join(folder, "srv")), { ...ports, unpack });
    const file = packed(folder, { "app.conf": "x" });
    const damaged = join(folder, "damaged");
    execFileSync("sh", ["-c", 'head -c 60 "$1" > "$2"', "-", file, damaged]);

    await assert.rejects(store.stage(stageRequest("v1", damaged)), { code: "archive-corrupt" });

    assert.deepEqual(readdirSync(store.place.releases), []);
  });

  test("whose unpacking is killed leaves a staging folder, which the next one clears away", async (t) => {
    const folder = emptyFolder(t);
    const disk = join(folder, "srv");
    const store = createReleaseStore(placeIn(disk), { ...ports, unpack });
    const large = packed(join(folder, "large"), { "large.data": "x".repeat(300e6) });
    const child = spawn(process.execPath, [join(import.meta.dirname, "stage-once.ts"), disk, large]);
    t.after(() => child.kill("SIGKILL"));
    const [said] = await once(child.stdout, "data", { signal: AbortSignal.timeout(30_000) });

    child.kill("SIGKILL");
    await once(child, "exit");

    assert.equal(String(said), "begun\n");
    assert.deepEqual(readdirSync(store.place.releases), [".staging-v1"]);
    assert.ok(!(await store.has("v1")));
    await store.stage(stageRequest("v1", packed(folder, { "app.conf": "x" })));
    await store.switchTo("v1");
    assert.deepEqual(readdirSync(store.place.releases).toSorted(), ["v1", "v1.json"]);
    assert.equal(readTree(store.place.destination)?.["app.conf"], "x");
  });

  test("that does not fit on the disk leaves nothing", async (t) => {
    const folder = emptyFolder(t);
    const store = createReleaseStore(placeIn(smallDisk(t, "size=256k")), { ...ports, unpack });
    const file = packed(folder, { "app.data": "x".repeat(1e6) });

    await assert.rejects(store.stage(stageRequest("v1", file)), { code: "archive-disk-full" });

    assert.deepEqual(readdirSync(store.place.releases), []);
  });
});
