import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import zlib from "node:zlib";
import fc from "fast-check";
import { defaultLimits } from "../../../src/domain/service.ts";
import { TarReader } from "../../../src/drivers/archives/unpacking/tar-reader.ts";
import { unpackHere } from "../../../src/drivers/archives/unpacking/unpack-here.ts";
import type { PackFormat } from "../../../src/publish/pack/artifact.ts";
import { compress } from "../../../src/publish/pack/compress.ts";
import { tarHead } from "../../../src/publish/pack/tar-head.ts";
import { request as asAgents, tree } from "../../drivers/archives/arena.ts";
import { randomFrom } from "../../random-from.ts";
import { application, emptyFolder, gnuTar, lay, type Plan, pack, packHere, shuffled } from "./fixture.ts";

const formats: readonly PackFormat[] = ["tar.zst", "tar.gz"];
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");

describe("the tar of a folder", () => {
  test("is byte for byte what GNU tar writes with its options for that", async (t) => {
    const folder = lay(emptyFolder(t), application);

    const packed = await pack(t, folder);

    const theirs = gnuTar(folder);
    assert.equal(zlib.zstdDecompressSync(packed.bytes).compare(theirs), 0);
    assert.equal(packed.tree, sha256(theirs));
  });

  test("is the same in both formats", async (t) => {
    const folder = lay(emptyFolder(t), application);

    const zst = await pack(t, folder);
    const gz = await pack(t, folder, { format: "tar.gz" });

    assert.equal(zlib.gunzipSync(gz.bytes).compare(zlib.zstdDecompressSync(zst.bytes)), 0);
    assert.equal(gz.tree, zst.tree);
  });

  test("states the size of a file that ustar has no room for", () => {
    const size = 9 * 1024 ** 3;
    const met: unknown[] = [];
    const reader = new TarReader({ begin: (entry) => met.push(entry), data: () => undefined, end: () => undefined });

    reader.push(tarHead({ path: "huge", kind: "file", size, executable: false, target: "" }));

    assert.deepEqual(met, [
      { name: "huge", offset: 1024, kind: "file", size, target: "", executable: false, modified: 0 },
    ]);
  });
});

describe("what is measured is what is there", () => {
  for (const format of formats) {
    test(`of a folder as ${format}`, async (t) => {
      const folder = lay(emptyFolder(t), { a: "12345", "b/c": "678", "b/d": { link: "c" } });

      const packed = await pack(t, folder, { format });

      const { bytes, sha256: digest, md5, tree: _tree, ...facts } = packed;
      assert.equal(digest, sha256(bytes));
      assert.equal(md5, createHash("md5").update(bytes).digest("hex"));
      assert.deepEqual(facts, {
        length: bytes.length,
        format,
        unpacked: 8,
        entries: 4,
        contentType: format === "tar.gz" ? "application/gzip" : "application/zstd",
        leftOut: [],
      });
    });
  }
});

/** Each unpacks the file `$1` into the current folder. */
const tools: Readonly<Record<string, string>> = {
  "GNU tar": 'tar -xf "$1"',
  bsdtar: 'bsdtar -xf "$1"',
};

/** What each of these makes of the bytes. */
async function unpackedBy(
  t: TestContext,
  bytes: Buffer,
  names: readonly string[],
): Promise<readonly (readonly string[])[]> {
  const place = emptyFolder(t);
  const file = join(place, "artifact");
  writeFileSync(file, bytes);
  const trees: (readonly string[])[] = [];
  for (const name of names) {
    const folder = join(place, name);
    mkdirSync(folder);
    if (name === "agents") await unpackHere(asAgents(file, folder, { limits: defaultLimits }), () => undefined);
    else {
      const env = { ...process.env, LC_ALL: "C.UTF-8" };
      execFileSync("bash", ["-ec", `umask 022; ${tools[name]}`, "bash", file], { cwd: folder, env });
    }
    trees.push(tree(folder));
  }
  return trees;
}

describe("what is unpacked is what was packed:", () => {
  for (const format of formats) {
    test(`an application as ${format}, by GNU tar, bsdtar and agents`, async (t) => {
      const folder = lay(emptyFolder(t), application);

      const { bytes } = await packHere(t, folder, format);

      assert.ok(tree(folder).length > 20);
      const trees = await unpackedBy(t, bytes, [...Object.keys(tools), "agents"]);
      for (const unpacked of trees) assert.deepEqual(unpacked, tree(folder));
    });
  }

  test("random trees, laid down in any order, are the same bytes, those of GNU tar, and come out the same", (t) =>
    fc.assert(
      fc.asyncProperty(plans, fc.nat(), async (plan, seed) => {
        const folder = lay(emptyFolder(t), plan);
        const other = lay(emptyFolder(t), shuffled(plan, seed));

        const packed = await packHere(t, folder);
        const again = await packHere(t, other);

        assert.equal(again.sha256, packed.sha256);
        assert.equal(zlib.zstdDecompressSync(packed.bytes).compare(gnuTar(folder)), 0);
        for (const unpacked of await unpackedBy(t, packed.bytes, ["GNU tar", "agents"])) {
          assert.deepEqual(unpacked, tree(folder));
        }
      }),
      { numRuns: 40 },
    ));
});

/** Trees that agents take: names differ also when case and accents are ignored, links lead to something inside. */
const name = fc.oneof(
  fc.stringMatching(/^[a-z0-9 ._+,=@%#!*?~-]{1,12}$/),
  fc.constantFrom(
    "\u00e9t\u00e9",
    "\u6771\u4eac",
    "\u{1f680}",
    "x".repeat(100),
    "y".repeat(255),
    `${"z".repeat(98)}\u00e9`,
  ),
);
const plans: fc.Arbitrary<Plan> = fc
  .uniqueArray(
    fc.tuple(fc.array(name, { minLength: 1, maxLength: 4 }), fc.uint8Array({ maxLength: 3000 }), fc.nat(3)),
    {
      minLength: 1,
      maxLength: 12,
      selector: ([path]) => path[0],
    },
  )
  .map((things) =>
    Object.fromEntries(
      things
        .filter(([path]) => path.every((part) => !/^\.{1,2}$/.test(part)))
        .map(([path, body, kind], index): [string, Plan[string]] => {
          // Every path has a topmost folder of its own, so that no two collide.
          const whole = [`${index}`, ...path].join("/");
          if (kind === 0) return [`${whole}/`, ""];
          if (kind === 1) return [whole, { link: [...path.map(() => ".."), "nowhere", ...path].join("/") }];
          return [whole, kind === 2 ? { program: Buffer.from(body).toString("base64") } : Buffer.from(body)];
        }),
    ),
  )
  .filter((plan) => Object.keys(plan).length > 0);

describe("what a compressor makes of a tar does not depend on how quick the machine is:", () => {
  for (const format of formats) {
    test(format, async () => {
      const random = randomFrom(7);
      const bytes = Buffer.from(Array.from({ length: 3 * 2 ** 20 + 512 }, () => Math.floor(random() * 24)));
      const made = new Set<string>();

      for (const delay of [0, 1, 10, 50]) {
        const hash = createHash("sha256");
        await compress(format, bytes.length, inPieces(bytes), async (part) => {
          hash.update(part);
          if (delay > 0) await sleep(delay * random());
        });
        made.add(hash.digest("hex"));
      }

      assert.equal(made.size, 1);
    });
  }
});

function* inPieces(bytes: Buffer): Generator<Buffer> {
  for (let at = 0; at < bytes.length; at += 2 ** 20) yield bytes.subarray(at, at + 2 ** 20);
}
