import assert from "node:assert/strict";
import { lstatSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { createReleaseStore } from "../../src/releases/create-release-store.ts";
import {
  arrange,
  emptyFolder,
  newer,
  older,
  placeIn,
  plain,
  ports,
  put,
  readTree,
  stageRequest,
  visible,
} from "./fixture.ts";

for (const layout of ["symlink", "in-place"] as const) {
  const kind = layout === "symlink" ? "release" : "copy";

  describe(`the ${layout} layout`, () => {
    test("switches to a release, to the next and back", async (t) => {
      const { store, stage, destination } = arrange(t, layout);
      await stage("v1", older);
      await stage("v2", newer);

      for (const [id, tree] of [
        ["v1", older],
        ["v2", newer],
        ["v2", newer],
        ["v1", older],
      ] as const) {
        await store.switchTo(id);

        assert.deepEqual(readTree(destination), tree);
        assert.deepEqual(await store.standing(), { kind, id });
      }
      assert.equal(lstatSync(destination).isSymbolicLink(), layout === "symlink");
      assert.deepEqual(readdirSync(join(destination, "..")).toSorted(), [
        ".dropship",
        "app",
        "v1.artifact",
        "v2.artifact",
      ]);
    });

    test("switches between a plain file and a folder", async (t) => {
      const { store, stage, destination } = arrange(t, layout);
      await stage("v1", plain);
      await stage("v2", newer);

      await store.switchTo("v1");
      assert.deepEqual(readTree(destination), plain);
      await store.switchTo("v2");
      assert.deepEqual(readTree(destination), newer);
      await store.switchTo("v1");
      assert.deepEqual(readTree(destination), plain);
      assert.deepEqual(await store.standing(), { kind, id: "v1" });
    });

    test("refuses a release that is not whole", async (t) => {
      const { store, stage } = arrange(t, layout);
      await stage("v1", older);
      rmSync(join(store.place.releases, "v1"), { recursive: true });

      await assert.rejects(store.switchTo("v1"), { code: "release-missing" });
      await assert.rejects(store.switchTo("../v1"), { code: "release-missing" });
      assert.equal(await store.has("v1"), false);
    });

    for (const what of ["folder", "file", "link"] as const) {
      test(`leaves a stranger's ${what} alone until it is adopted, then goes back to it`, async (t) => {
        const { folder, store, stage, destination } = arrange(t, layout);
        await stage("v1", newer);
        put(folder, destination, what);
        const before = readTree(destination);
        assert.deepEqual(await store.standing(), { kind: "foreign", what });
        await assert.rejects(store.switchTo("v1"), { code: "destination-taken" });
        await assert.rejects(store.withdraw(), { code: "destination-taken" });
        assert.deepEqual(readTree(destination), before);

        const adopted = await store.adopt("adopted-1");

        assert.equal(adopted.id, "adopted-1");
        assert.deepEqual(readTree(destination), before);
        assert.deepEqual(await store.standing(), { kind, id: "adopted-1" });
        assert.deepEqual(await store.adopt("adopted-2"), adopted);
        await store.switchTo("v1");
        assert.deepEqual(readTree(destination), newer);
        await store.switchTo("adopted-1");
        assert.deepEqual(readTree(destination), before);
        assert.deepEqual(
          (await store.list()).map(({ id }) => id),
          ["v1", "adopted-1"],
        );
      });
    }

    test("takes its first release away again", async (t) => {
      const { store, stage, destination } = arrange(t, layout);
      await stage("v1", older);
      await store.switchTo("v1");

      await store.withdraw();
      await store.withdraw();

      assert.equal(readTree(destination), undefined);
      assert.deepEqual(await store.standing(), { kind: "nothing" });
      assert.equal(await store.has("v1"), true);
    });

    test("never removes what the destination stands on", async (t) => {
      const { store, stage } = arrange(t, layout);
      await stage("v1", older);
      await stage("v2", newer);
      await store.switchTo("v1");

      await assert.rejects(store.remove("v1"), { code: "release-in-use" });
      await store.remove("v2");
      await store.remove("v2");

      assert.deepEqual(
        visible(store).filter((name) => !name.startsWith(".")),
        ["v1", "v1.json"],
      );
    });

    test("sees that a person put something else there", async (t) => {
      const { store, stage, destination } = arrange(t, layout);
      await stage("v1", older);
      await stage("v2", newer);
      await store.switchTo("v1");
      renameSync(destination, `${destination}.mine`);
      mkdirSync(destination);
      writeFileSync(join(destination, "notes"), "mine");

      await assert.rejects(store.switchTo("v2"), { code: "destination-taken" });
      assert.deepEqual(readTree(destination), { notes: "mine" });
    });

    test("makes the folder of the destination", async (t) => {
      const folder = emptyFolder(t);
      const place = { ...placeIn(join(folder, "srv/apps"), layout), releases: join(folder, "releases/web") };
      const store = createReleaseStore(place, ports);
      writeFileSync(join(folder, "artifact"), JSON.stringify(older));

      await store.stage(stageRequest("v1", join(folder, "artifact")));
      await store.switchTo("v1");

      assert.deepEqual(readTree(place.destination), older);
      assert.deepEqual(await store.standing(), { kind, id: "v1" });
    });
  });
}
