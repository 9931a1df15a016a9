import assert from "node:assert/strict";
import { describe, test } from "node:test";
import zlib from "node:zlib";
import { Failure } from "../../../src/domain/failures/failure.ts";
import { archives } from "../../../src/drivers/archives/registry.ts";
import { formatOf, recognise } from "../../../src/drivers/archives/unpacking/recognise.ts";
import { arena } from "./arena.ts";
import { entry, file, tarOf } from "./tar-writer.ts";
import { zipOf } from "./zip-writer.ts";

const tar = tarOf(file("a"));
const emptyZip = zipOf();
const heads: Readonly<Record<string, readonly [Buffer, string]>> = {
  "a ustar header": [tar, "tar"],
  "a v7 header, which has no magic": [tarOf({ ...file("a"), magic: "\0\0\0\0\0\0\0\0" }), "tar"],
  "a GNU header": [tarOf({ ...file("a"), magic: "ustar  \0" }), "tar"],
  gzip: [zlib.gzipSync(tar), "tar.gz"],
  zstd: [zlib.zstdCompressSync(tar), "tar.zst"],
  "a skippable zstd frame": [Buffer.from("5f2a4d1800000000", "hex"), "tar.zst"],
  xz: [Buffer.from("fd377a585a000004", "hex"), "tar.xz"],
  bzip2: [Buffer.from("BZh91AY&SY"), "tar.bz2"],
  zip: [zipOf({ name: "a" }), "zip"],
  "an empty zip": [emptyZip, "zip"],
  text: [Buffer.from("hello"), "file"],
  nothing: [Buffer.alloc(0), "file"],
  zeros: [Buffer.alloc(4096), "file"],
  "a header with a wrong checksum": [entry({ ...file("a"), checksum: "000001\0 " }), "file"],
  "the first bytes of gzip only": [Buffer.from([0x1f]), "file"],
};

describe("the bytes tell the format:", () => {
  for (const [name, [bytes, format]] of Object.entries(heads)) {
    test(`${name} is ${format}`, () => {
      const found = recognise({ contentTypeOverrules: false, fileName: "artifact" }, bytes);

      assert.deepEqual({ name: found.format.name, demanded: found.demanded }, { name: format, demanded: false });
    });
  }
});

describe("the repository's content type is only a hint:", () => {
  test("text/plain does not make a plain file of a tar", () => {
    const hint = { contentType: "text/plain", contentTypeOverrules: false, fileName: "artifact" };

    assert.equal(recognise(hint, tar).format.name, "tar");
  });
  for (const [contentType, fileName] of [
    ["application/java-archive", "artifact"],
    ["application/zip", "app.jar"],
  ] as const) {
    test(`${contentType} named ${fileName} stays a file, though it is a zip`, () => {
      assert.equal(
        recognise({ contentType, contentTypeOverrules: false, fileName }, zipOf({ name: "a" })).format.name,
        "file",
      );
    });
  }
});

describe("the config's content type overrules:", () => {
  const meaning: Readonly<Record<string, string>> = {
    "application/gzip": "tar.gz",
    "application/x-gzip": "tar.gz",
    "application/octet-stream": "tar.gz",
    "Application/GZIP; charset=binary": "tar.gz",
    "application/x-tar": "tar",
    "application/zip": "zip",
    "application/zstd": "tar.zst",
    "application/x-xz": "tar.xz",
    "application/x-bzip2": "tar.bz2",
    "text/plain": "file",
    "application/java-archive": "file",
  };
  for (const [contentType, format] of Object.entries(meaning)) {
    test(`${contentType} means ${format}`, () => {
      const found = recognise(
        { contentType, contentTypeOverrules: true, fileName: "artifact" },
        Buffer.from("whatever"),
      );

      assert.deepEqual({ name: found.format.name, demanded: found.demanded }, { name: format, demanded: true });
    });
  }
  test("text/plain makes a plain file of a tar", async () => {
    using place = arena();

    const unpacked = await place.unpack(tar, { contentType: "text/plain", contentTypeOverrules: true });

    assert.equal(unpacked.format, "file");
    assert.match(place.inside().join(), /^artifact file 644 /);
  });
  test("a zip where a tar.gz was promised is refused by name", () => {
    const wish = { contentType: "application/gzip", contentTypeOverrules: true, fileName: "artifact" };

    assert.throws(
      () => recognise(wish, emptyZip),
      (error) =>
        error instanceof Failure && error.code === "archive-unexpected-format" && /tar\.gz.*zip/.test(error.message),
    );
  });
  test("a gzip file without a tar in it is refused where a tar.gz was promised", async () => {
    using place = arena();
    const wish = { contentType: "application/gzip", contentTypeOverrules: true };

    await assert.rejects(place.unpack(zlib.gzipSync("x".repeat(2000)), wish), { code: "archive-malformed" });
  });
});

describe("what is no archive stays the file it is:", () => {
  for (const [name, bytes] of Object.entries({
    "gzip of text": zlib.gzipSync("x".repeat(2000)),
    "gzip of nothing": zlib.gzipSync(""),
    "zstd of a few bytes": zlib.zstdCompressSync("few"),
    text: Buffer.from("hello"),
    nothing: Buffer.alloc(0),
  })) {
    test(name, async () => {
      using place = arena();

      const unpacked = await place.unpack(bytes, { fileName: "app", mode: 0o755 });

      assert.deepEqual(unpacked, { format: "file", entries: 1, bytes: bytes.length });
      assert.match(place.inside().join(), /^app file 755 /);
    });
  }
  test("a file name that leads elsewhere is refused", async () => {
    using place = arena();

    await assert.rejects(place.unpack(Buffer.from("x"), { fileName: "../evil" }), { code: "archive-unsafe-path" });
  });
});

test("every content type means one format only", () => {
  const types = archives.all.flatMap((format) => format.contentTypes);

  assert.equal(new Set(types).size, types.length);
  for (const type of types) assert.ok(formatOf(type).contentTypes.includes(type));
});
