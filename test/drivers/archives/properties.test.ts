import assert from "node:assert/strict";
import { describe, test } from "node:test";
import zlib from "node:zlib";
import fc from "fast-check";
import { Failure } from "../../../src/domain/failures/failure.ts";
import { arena } from "./arena.ts";
import { tightLimits } from "./hostile-tars.ts";
import { file, folder, gnuLongName, link, pax, tarOf } from "./tar-writer.ts";
import { zipOf } from "./zip-writer.ts";

const good = tarOf(
  folder("./"),
  folder("a/"),
  file("a/one", "x".repeat(700)),
  pax({ path: "a/two", mtime: "1.5" }),
  file("short", "two"),
  gnuLongName("a/three"),
  file("short", ""),
  link("a/link", "one"),
);
const goodZip = zipOf(
  { name: "a/", mode: 0o040755 },
  { name: "a/one", body: "x".repeat(700) },
  { name: "l", body: "a/one", mode: 0o120777 },
);
const seeds = { tar: good, "tar.gz": zlib.gzipSync(good), "tar.zst": zlib.zstdCompressSync(good), zip: goodZip };

/** Either it is unpacked, or it is rejected with a failure of the catalogue; around the folder nothing changes. */
async function survives(bytes: Buffer, contentType?: string): Promise<void> {
  using place = arena();
  const before = place.outside();
  const wish = contentType === undefined ? {} : { contentType, contentTypeOverrules: true };

  const error = await place.unpack(bytes, { limits: tightLimits, ...wish }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

  assert.ok(error === undefined || (error instanceof Failure && error.code !== "unexpected"), String(error));
  assert.deepEqual(place.outside(), before);
}

describe("no bytes make it crash, hang or write outside:", () => {
  const types = [
    "application/x-tar",
    "application/gzip",
    "application/zstd",
    "application/x-xz",
    "application/x-bzip2",
    "application/zip",
  ];
  for (const type of types) {
    test(`random bytes as ${type}`, () =>
      fc.assert(
        fc.asyncProperty(fc.uint8Array({ maxLength: 2000 }), (bytes) => survives(Buffer.from(bytes), type)),
        { numRuns: 60 },
      ));
  }
  for (const [name, seed] of Object.entries(seeds)) {
    test(`a good ${name} with some bytes changed`, () => {
      const change = fc.tuple(fc.nat(seed.length - 1), fc.nat(255));
      return fc.assert(
        fc.asyncProperty(fc.array(change, { minLength: 1, maxLength: 5 }), fc.nat(seed.length), (changes, cut) => {
          const bytes = Buffer.from(seed);
          for (const [at, value] of changes) bytes[at] = value;
          return survives(cut % 4 === 0 ? bytes.subarray(0, cut) : bytes);
        }),
        { numRuns: 150 },
      );
    });
  }
});

test("what the test's writer packs, the reader unpacks", () => {
  const name = fc
    .stringMatching(/^[a-z]{1,12}(\/[a-z]{1,12}){0,3}$/)
    .map((text) => `f_${text.replaceAll("/", "/f_")}_x`);
  const files = fc.uniqueArray(fc.tuple(name, fc.uint8Array({ maxLength: 1500 })), {
    maxLength: 8,
    selector: ([path]) => path,
  });
  return fc.assert(
    fc.asyncProperty(files, fc.boolean(), async (wanted, long) => {
      using place = arena();
      const pieces = wanted.flatMap(([path, body]) =>
        long ? [pax({ path }), file("short", Buffer.from(body))] : [file(path, Buffer.from(body))],
      );

      const unpacked = await place.unpack(tarOf(...pieces), {
        contentType: "application/x-tar",
        contentTypeOverrules: true,
      });

      assert.equal(unpacked.entries, wanted.length);
      assert.equal(
        unpacked.bytes,
        wanted.reduce((sum, [, body]) => sum + body.length, 0),
      );
      assert.equal(place.inside().filter((line) => line.includes(" file ")).length, wanted.length);
    }),
    { numRuns: 40 },
  );
});
