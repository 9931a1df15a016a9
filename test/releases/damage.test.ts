import assert from "node:assert/strict";
import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { arrange, older, readTree, release, visible } from "./fixture.ts";

describe("what was lost or damaged", () => {
  test("a damaged record takes a release off the list, and staging it again repairs it", async (t) => {
    const { store, stage, destination } = arrange(t);
    await stage("v1", older);
    await store.switchTo("v1");
    const record = join(store.place.releases, "v1.json");
    const text = readFileSync(record, "utf8");
    for (const damaged of [
      "",
      "{",
      "null",
      text.slice(0, -9),
      text.replace("v1", "v2"),
      text.replace('"size":1', '"size":2'),
    ]) {
      writeFileSync(record, damaged);
      assert.deepEqual(await store.list(), []);
    }

    await stage("v1", older);

    assert.deepEqual(await store.list(), [release("v1")]);
    assert.deepEqual(readTree(destination), older);
  });

  test("a record of a newer Dropship is refused and kept", async (t) => {
    const { store, stage } = arrange(t);
    await stage("v1", older);
    const record = join(store.place.releases, "v1.json");
    const text = readFileSync(record, "utf8").replace('"format":1', '"format":2');
    writeFileSync(record, text);

    await assert.rejects(store.list(), { code: "release-record-newer" });
    await assert.rejects(stage("v1", older), { code: "release-record-newer" });
    assert.equal(readFileSync(record, "utf8"), text);
  });

  test("a release that was deleted under the destination is staged again", async (t) => {
    const { store, stage, destination } = arrange(t);
    await stage("v1", older);
    await store.switchTo("v1");
    rmSync(store.place.releases, { recursive: true });
    assert.deepEqual(await store.standing(), { kind: "release", id: "v1" });

    await stage("v1", older);

    assert.deepEqual(readTree(destination), older);
  });

  test("a link into a release is a stranger's", async (t) => {
    const { store, stage, destination } = arrange(t);
    await stage("v1", older);
    symlinkSync(".dropship/web/v1/lib", destination);

    assert.deepEqual(await store.standing(), { kind: "foreign", what: "link" });
  });

  test("the sweep removes leftovers and nothing else", async (t) => {
    const { folder, store, stage, destination } = arrange(t);
    await stage("v1", older);
    await store.switchTo("v1");
    const { releases } = store.place;
    for (const name of [".staging-v2", ".staging-v3", ".doomed-v0/lib", "somebodys"]) {
      mkdirSync(join(releases, name), { recursive: true });
    }
    await stage("v9", older);
    rmSync(join(releases, "v9"), { recursive: true });
    for (const name of ["package.json", "v1.json.new", ".notes"]) writeFileSync(join(releases, name), "");
    symlinkSync("v1", join(folder, ".app.dropship-new"));

    await store.sweep(new Set(["v3"]));

    assert.deepEqual(visible(store), [".notes", ".staging-v3", "package.json", "somebodys", "v1", "v1.json"]);
    assert.deepEqual(readdirSync(folder).toSorted(), [".dropship", "app", "v1.artifact", "v9.artifact"]);
    assert.deepEqual(readTree(destination), older);
  });
});
