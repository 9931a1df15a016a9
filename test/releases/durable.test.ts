import assert from "node:assert/strict";
import { mkdtempSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { files } from "../../src/platform/files.ts";
import { createReleaseStore } from "../../src/releases/create-release-store.ts";
import { makeFolders } from "../../src/releases/durable.ts";
import { arrange, older, ports } from "./fixture.ts";

test("many services make the folders above them at the same time", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "dropship-durable-"));
  t.after(() => rmSync(folder, { recursive: true }));
  const paths = Array.from({ length: 50 }, (_, index) => join(folder, "srv", ".dropship", `web-${index}`));

  await Promise.all(paths.map((path) => makeFolders(files, path)));

  assert.ok(paths.every((path) => statSync(path).isDirectory()));
  assert.equal(statSync(join(folder, "srv", ".dropship")).mode & 0o777, 0o755);
});

test("a file in the place of a folder is no folder", async (t) => {
  const folder = mkdtempSync(join(tmpdir(), "dropship-durable-"));
  t.after(() => rmSync(folder, { recursive: true }));
  writeFileSync(join(folder, "srv"), "");

  await assert.rejects(makeFolders(files, join(folder, "srv", "web")), { code: "ENOTDIR" });
});

test("a release is ready once its name is on the disk, whoever staged it", async (t) => {
  const { place, stage } = arrange(t);
  await stage("v1", older);
  const calls: string[] = [];
  const store = createReleaseStore(place, {
    ...ports,
    files: {
      ...ports.files,
      sync(path) {
        calls.push(`sync ${path}`);
        return ports.files.sync(path);
      },
    },
  });

  const ready = [await store.isReady("v1"), await store.isReady("v2")];

  assert.deepEqual(ready, [true, false]);
  assert.deepEqual(calls, [`sync ${place.releases}`]);
});
