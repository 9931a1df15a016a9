import assert from "node:assert/strict";
import { after, describe, test } from "node:test";
import zlib from "node:zlib";
import { Failure } from "../../../src/domain/failures/failure.ts";
import { arena, roomy } from "./arena.ts";
import { type Hostile, hostileTars, tightLimits } from "./hostile-tars.ts";
import { hostileZips } from "./hostile-zips.ts";
import { end, entry, file, tarOf } from "./tar-writer.ts";
import { zipOf } from "./zip-writer.ts";

let tried = 0;
let rejected = 0;

/** Tries one archive: it must be rejected with its code, and nothing around the folder may have changed. */
async function reject(hostile: Hostile, contentType: string, limits = tightLimits): Promise<void> {
  using place = arena();
  const before = place.outside();
  tried += 1;

  const error = await place.unpack(hostile.bytes, { limits, contentType, contentTypeOverrules: true }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );

  assert.ok(error instanceof Failure, `it was unpacked: ${place.inside().join(", ")}`);
  assert.equal(error.code, hostile.code, error.message);
  assert.doesNotMatch(error.message, /[\x00-\x1f\x7f\x9b]/);
  assert.deepEqual(place.outside(), before);
  rejected += 1;
}

describe("a hostile tar is rejected and writes nothing outside:", () => {
  for (const hostile of hostileTars) {
    test(hostile.name, async () => {
      await reject(hostile, "application/x-tar");
      await reject({ ...hostile, bytes: zlib.gzipSync(hostile.bytes) }, "application/gzip");
      await reject({ ...hostile, bytes: zlib.zstdCompressSync(hostile.bytes) }, "application/zstd");
    });
  }
});

describe("a hostile zip is rejected and writes nothing outside:", () => {
  for (const hostile of hostileZips) test(hostile.name, () => reject(hostile, "application/zip"));
});

describe("hostile compression is rejected:", () => {
  const tar = tarOf(file("a"));
  const gz = zlib.gzipSync(tar);
  const zst = zlib.zstdCompressSync(tar);
  const bomb = Buffer.concat([entry(file("zeros", Buffer.alloc(32 * 1024 ** 2))), end]);
  const cases: readonly (Hostile & { readonly type: string })[] = [
    { name: "gzip, cut", code: "archive-corrupt", bytes: gz.subarray(0, -6), type: "application/gzip" },
    {
      name: "gzip with bytes behind",
      code: "archive-corrupt",
      bytes: Buffer.concat([gz, Buffer.from("evil")]),
      type: "application/gzip",
    },
    {
      name: "gzip with zeros behind",
      code: "archive-corrupt",
      bytes: Buffer.concat([gz, Buffer.alloc(512)]),
      type: "application/gzip",
    },
    {
      name: "gzip with a second archive",
      code: "archive-malformed",
      bytes: Buffer.concat([gz, gz]),
      type: "application/gzip",
    },
    { name: "gzip bomb", code: "archive-bomb", bytes: zlib.gzipSync(bomb), type: "application/gzip" },
    {
      name: "gzip bomb of zeros behind the end",
      code: "archive-bomb",
      bytes: zlib.gzipSync(Buffer.alloc(32 * 1024 ** 2)),
      type: "application/gzip",
    },
    { name: "zstd, cut", code: "archive-corrupt", bytes: zst.subarray(0, -6), type: "application/zstd" },
    {
      name: "zstd with bytes behind",
      code: "archive-corrupt",
      bytes: Buffer.concat([zst, Buffer.from("evil")]),
      type: "application/zstd",
    },
    {
      name: "zstd with a second archive",
      code: "archive-malformed",
      bytes: Buffer.concat([zst, zst]),
      type: "application/zstd",
    },
    { name: "zstd bomb", code: "archive-bomb", bytes: zlib.zstdCompressSync(bomb), type: "application/zstd" },
    {
      name: "zip bomb",
      code: "archive-bomb",
      bytes: zipOf({ name: "zeros", body: Buffer.alloc(32 * 1024 ** 2) }),
      type: "application/zip",
    },
    {
      name: "xz of nothing but its magic",
      code: "archive-corrupt",
      bytes: Buffer.from("fd377a585a000004e6d6b446", "hex"),
      type: "application/x-xz",
    },
    {
      name: "bzip2 of nothing but its magic",
      code: "archive-corrupt",
      bytes: Buffer.from("BZh9"),
      type: "application/x-bzip2",
    },
  ];
  for (const hostile of cases) test(hostile.name, () => reject(hostile, hostile.type, roomy));
});

after(() => console.log(`hostile archives: tried ${tried}, rejected ${rejected}`));
