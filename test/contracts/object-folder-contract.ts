import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import { systemRandom } from "../../src/platform/random.ts";
import { contentOf, fetched, nobodyCares, type ObjectFolderUnderTest } from "../drivers/objects/under-test.ts";
import { bytes, failed, soon, versionOf } from "../drivers/stores/opened.ts";
import { objectUploadContract } from "./object-upload-contract.ts";

const limit = 64 * 1024;

/** What every folder of objects promises, whatever store is behind it. */
export function objectFolderContract(label: string, start: () => Promise<ObjectFolderUnderTest>): void {
  describe(`${label} keeps the contract of folders of objects:`, () => {
    let store: ObjectFolderUnderTest;
    let disk: string;
    before(async () => {
      disk = await mkdtemp(join(tmpdir(), "dropship-objects-"));
      store = await start();
    });
    after(async () => {
      await store[Symbol.asyncDispose]();
      await rm(disk, { recursive: true, force: true });
    });
    const freshKey = () => `channels/${systemRandom.name()}`;
    const texted = async (key: string) => {
      const found = await store.folder().read(key, limit, soon());
      return found && new TextDecoder().decode(found.bytes);
    };

    test("what is not there is undefined, in a folder that nobody ever wrote to as well", async () => {
      const folder = store.folder("never");

      assert.equal(await folder.read("channels/stable", limit, soon()), undefined);
      assert.equal(await folder.measure("artifacts/x.tar", soon()), undefined);
      assert.deepEqual(await folder.list("", soon()), []);
      await folder.remove("channels/stable", soon());
    });

    test("a document is made once, changed at its version only, and agents have what was written", async () => {
      const folder = store.folder();
      const key = freshKey();

      const first = versionOf(await folder.write(key, bytes("1"), { ifVersion: undefined }, soon()));
      const again = await store.folder().write(key, bytes("x"), { ifVersion: undefined }, soon());
      const shown = await fetched(store.repository(key));
      const second = versionOf(await store.folder().write(key, bytes("22"), { ifVersion: first }, soon()));
      const late = await folder.write(key, bytes("x"), { ifVersion: first }, soon());
      const missing = await folder.write(freshKey(), bytes("x"), { ifVersion: second }, soon());

      assert.deepEqual(
        [again, late, missing],
        Array.from({ length: 3 }, () => ({ outcome: "conflict" })),
      );
      assert.equal(Buffer.from(shown).toString(), "1");
      assert.deepEqual(await folder.read(key, limit, soon()), { bytes: Buffer.from("22"), version: second });
      assert.equal(Buffer.from(await fetched(store.repository(key))).toString(), "22");
    });

    test("a document is shown as agents have it, and looking changes nothing", async () => {
      const folder = store.folder();
      const key = freshKey();
      const first = versionOf(await folder.write(key, bytes("1"), { ifVersion: undefined }, soon()));

      const shown = await folder.shown(key, limit, soon());

      assert.equal(Buffer.from(shown ?? []).toString(), "1");
      assert.equal(await folder.shown(freshKey(), limit, soon()), undefined);
      await failed(folder.shown(key, 0, soon()), "document-too-large");
      versionOf(await folder.write(key, bytes("2"), { ifVersion: first }, soon()));
    });

    test("an unconditional write wins over whatever is there, and can be followed by a condition", async () => {
      const folder = store.folder();
      const key = freshKey();

      versionOf(await folder.write(key, bytes("1"), "always", soon()));
      versionOf(await folder.write(key, bytes("2"), "always", soon()));
      const version = (await folder.read(key, limit, soon()))?.version;
      versionOf(await folder.write(key, bytes("3"), { ifVersion: version }, soon()));

      assert.equal(await texted(key), "3");
      assert.equal(Buffer.from(await fetched(store.repository(key))).toString(), "3");
    });

    test("what is no version of the store is at no state", async () => {
      const folder = store.folder();
      const key = freshKey();
      versionOf(await folder.write(key, bytes("1"), { ifVersion: undefined }, soon()));

      for (const version of ["", "*", "0", '"etag"', "sha256:00"]) {
        assert.deepEqual(await folder.write(key, bytes("x"), { ifVersion: version }, soon()), { outcome: "conflict" });
      }
      assert.equal(await texted(key), "1");
    });

    test("a document that is too large is not read", async () => {
      const folder = store.folder();
      const key = freshKey();
      versionOf(await folder.write(key, bytes("12345"), { ifVersion: undefined }, soon()));

      const refused = await failed(folder.read(key, 4, soon()), "document-too-large");

      assert.ok(refused.message.includes(folder.addressOf(key)));
      assert.equal((await folder.read(key, 5, soon()))?.bytes.length, 5);
    });

    test("all bytes come back as they were given, and none at all too", async () => {
      const every = Uint8Array.from({ length: 256 }, (_, byte) => byte);
      for (const content of [every, new Uint8Array()]) {
        const key = freshKey();
        versionOf(await store.folder().write(key, content, { ifVersion: undefined }, soon()));

        assert.deepEqual([...((await store.folder().read(key, limit, soon()))?.bytes ?? [])], [...content]);
      }
    });

    test("keys are names of letters, digits and a few signs, and none leads out of the folder", async () => {
      const folder = store.folder();
      const good = `releases/1.4.2-rc.1+build_7~x${systemRandom.name()}`;
      versionOf(await folder.write(good, bytes("1"), { ifVersion: undefined }, soon()));

      assert.equal(await texted(good), "1");
      assert.equal(Buffer.from(await fetched(store.repository(good))).toString(), "1");
      assert.ok((await folder.list("releases/", soon())).some(({ key }) => key === good));
      for (const bad of [
        "",
        "/",
        "../x",
        "a/../b",
        "a//b",
        ".dropship/x",
        "a/.segments/b",
        "a b",
        "ä",
        "a\n",
        "a%2Fb",
      ]) {
        await assert.rejects(async () => folder.read(bad, limit, soon()), TypeError, bad);
        await assert.rejects(async () => folder.write(bad, bytes("x"), "always", soon()), TypeError, bad);
        await assert.rejects(async () => folder.remove(bad, soon()), TypeError, bad);
      }
    });

    test("a listing holds what is below a prefix, with lengths and times, to the end", async () => {
      const folder = store.folder("listed");
      const names = Array.from({ length: 25 }, (_, place) => `releases/1.${place}`);
      for (const name of names) await folder.write(name, bytes(name), { ifVersion: undefined }, soon());
      await folder.write("releasesx", bytes("x"), { ifVersion: undefined }, soon());
      await folder.upload("artifacts/a.tar", await contentOf(disk, randomBytes(1000)), {
        signal: soon(),
        onProgress: nobodyCares,
      });

      const releases = await folder.list("releases/", soon());
      const all = await folder.list("", soon());

      assert.deepEqual(releases.map(({ key }) => key).sort(), [...names].sort());
      assert.ok(releases.every(({ key, length }) => length === key.length));
      assert.ok(all.every(({ modified = 0 }) => Math.abs(modified - Date.now()) < 3_600_000));
      assert.deepEqual(all.map(({ key }) => key).sort(), [...names, "releasesx", "artifacts/a.tar"].sort());
      assert.deepEqual((await folder.list("releases/1.2", soon())).length, 6);
    });

    test("what was removed is gone, for agents as well, and may be made again", async () => {
      const folder = store.folder();
      const key = freshKey();
      const first = versionOf(await folder.write(key, bytes("1"), { ifVersion: undefined }, soon()));

      await folder.remove(key, soon());
      await folder.remove(key, soon());

      assert.equal(await texted(key), undefined);
      await failed(store.repository(key).check(undefined, soon()), "artifact-missing");
      assert.deepEqual(await folder.write(key, bytes("2"), { ifVersion: first }, soon()), { outcome: "conflict" });
      versionOf(await folder.write(key, bytes("3"), { ifVersion: undefined }, soon()));
      assert.equal(await texted(key), "3");
    });

    test("every call ends when its caller stops waiting, before anything is done", async () => {
      const folder = store.folder();
      const reason = new Error("stopped by the caller");
      const stopped = AbortSignal.abort(reason);
      const key = freshKey();
      const content = await contentOf(disk, randomBytes(10));

      for (const call of [
        () => folder.read(key, limit, stopped),
        () => folder.measure(key, stopped),
        () => folder.write(key, bytes("x"), { ifVersion: undefined }, stopped),
        () => folder.upload(key, content, { signal: stopped, onProgress: nobodyCares }),
        () => folder.list("", stopped),
        () => folder.remove(key, stopped),
      ]) {
        await assert.rejects(call(), (error) => error === reason);
      }
      assert.equal(await texted(key), undefined);
    });

    test("it says where it is", async () => {
      const folder = store.folder("web");

      assert.match(folder.place, /^[a-z0-9]+:.*web$/);
      assert.equal(folder.addressOf("channels/stable"), `${folder.place}/channels/stable`);
    });

    objectUploadContract(
      () => store,
      () => disk,
    );
  });
}
