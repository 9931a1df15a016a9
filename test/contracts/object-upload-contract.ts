import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { test } from "node:test";
import { contentOf, fetched, nobodyCares, type ObjectFolderUnderTest } from "../drivers/objects/under-test.ts";
import { failed, soon } from "../drivers/stores/opened.ts";

/** What every upload into a folder of objects promises; `disk`: a folder for what is uploaded. */
export function objectUploadContract(store: () => ObjectFolderUnderTest, disk: () => string): void {
  test("an upload is there as a whole, is measured, and agents have every byte of it", async () => {
    for (const length of store().lengths) {
      const content = randomBytes(length);
      const described = await contentOf(disk(), content);
      const key = `artifacts/${described.sha256}.tar.gz`;
      const told: number[] = [];

      await store()
        .folder()
        .upload(key, described, { signal: soon(), onProgress: (done) => told.push(done) });

      assert.equal((await store().folder().measure(key, soon()))?.length, length);
      assert.ok(Buffer.from(await fetched(store().repository(key))).equals(content), `${length} bytes`);
      assert.equal(told.at(-1), length);
      assert.ok(told.every((done) => done >= 0 && done <= length));
    }
  });

  test("an upload of what is there already is done at once, and one of other content replaces it", async () => {
    const first = await contentOf(disk(), randomBytes(100_000));
    const second = await contentOf(disk(), randomBytes(100_000));
    const key = `artifacts/${first.sha256}.tar`;
    const options = { signal: soon(), onProgress: nobodyCares };

    await store().folder().upload(key, first, options);
    await store().folder().upload(key, first, options);
    await store().folder().upload(key, second, options);

    const there = createHash("sha256").update(await fetched(store().repository(key)));
    assert.equal(there.digest("hex"), second.sha256);
  });

  test("of several who upload the same at a time all are through", async () => {
    for (const length of store().lengths) {
      const content = randomBytes(length);
      const described = await contentOf(disk(), content);
      const key = `artifacts/several-${described.sha256}`;
      const upload = () => store().folder().upload(key, described, { signal: soon(), onProgress: nobodyCares });

      await Promise.all([upload(), upload(), upload()]);

      assert.ok(Buffer.from(await fetched(store().repository(key))).equals(content));
      assert.deepEqual(
        (await store().folder().list(key, soon())).map((one) => one.key),
        [key],
      );
    }
  });

  test("a file that is not what was said of it is refused, and nothing has its name", async () => {
    for (const length of store().lengths.filter((one) => one > 0)) {
      const described = await contentOf(disk(), randomBytes(length));
      const key = `artifacts/${described.sha256}.tar`;
      for (const wrong of [
        { sha256: "0".repeat(64), md5: "0".repeat(32) },
        { length: length + 1 },
        { length: length - 1 },
      ]) {
        const upload = store()
          .folder()
          .upload(key, { ...described, ...wrong }, { signal: soon(), onProgress: nobodyCares });

        const refused = await failed(upload, "upload-source-changed");

        assert.ok(refused.message.includes(described.file));
        assert.equal(await store().folder().measure(key, soon()), undefined);
      }
    }
  });

  test("an upload that is told to stop stops, and the next one goes through", async () => {
    for (const length of store().lengths.filter((one) => one > 0)) {
      const content = randomBytes(length);
      const described = await contentOf(disk(), content);
      const key = `artifacts/${described.sha256}.tar`;
      const stopped = new AbortController();
      const reason = new Error("stopped by the caller");

      const upload = store()
        .folder()
        .upload(key, described, {
          signal: stopped.signal,
          onProgress: (done) => done > 0 && stopped.abort(reason),
        });
      await assert.rejects(upload, (error) => error === reason);
      await store().folder().upload(key, described, { signal: soon(), onProgress: nobodyCares });

      assert.ok(Buffer.from(await fetched(store().repository(key))).equals(content));
    }
  });
}
