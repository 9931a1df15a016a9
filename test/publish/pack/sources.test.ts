import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { appendFileSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import zlib from "node:zlib";
import { asFailure } from "../../../src/domain/failures/failure.ts";
import { defaultLimits } from "../../../src/domain/service.ts";
import { unpack } from "../../../src/drivers/archives/unpacking/unpack.ts";
import { prepareArtifact } from "../../../src/publish/pack/prepare-artifact.ts";
import { arena, request as asAgents } from "../../drivers/archives/arena.ts";
import { type Hostile, hostileTars, tightLimits } from "../../drivers/archives/hostile-tars.ts";
import { hostileZips } from "../../drivers/archives/hostile-zips.ts";
import { file, folder, link, tarOf } from "../../drivers/archives/tar-writer.ts";
import { zipOf } from "../../drivers/archives/zip-writer.ts";
import { emptyFolder, lay, pack, request } from "./fixture.ts";

function laid(t: TestContext, name: string, bytes: Buffer): string {
  const path = join(emptyFolder(t), name);
  writeFileSync(path, bytes);
  return path;
}

/** Bytes by the program that packs them. */
function packedBy(program: string, ...words: readonly string[]): Buffer {
  return execFileSync(program, words, { input: tar });
}

const tar = tarOf(folder("d"), file("d/a", "12345"), file("b", "678"), link("l", "b"));
const zip = zipOf({ name: "a", body: "12345" }, { name: "b", body: "678" });
const foreign: Readonly<Record<string, readonly [name: string, bytes: () => Buffer, format: string, type: string]>> = {
  "a tar": ["app.tar", () => tar, "tar", "application/x-tar"],
  "a gzipped tar": ["app.tgz", () => packedBy("gzip", "-c"), "tar.gz", "application/gzip"],
  "a tar packed with zstd": ["app.tar.zst", () => packedBy("zstd", "-qc"), "tar.zst", "application/zstd"],
  "a tar packed with xz": ["app.tar.xz", () => packedBy("xz", "-c"), "tar.xz", "application/x-xz"],
  "a tar packed with bzip2": ["app.tbz", () => packedBy("bzip2", "-c"), "tar.bz2", "application/x-bzip2"],
  "a zip": ["app.zip", () => zip, "zip", "application/zip"],
  "an archive whose name says nothing": ["build-1234", () => zlib.gzipSync(tar), "tar.gz", "application/gzip"],
  "an archive whose name lies": ["app.zip", () => zlib.gzipSync(tar), "tar.gz", "application/gzip"],
};

describe("an archive that somebody else made is published as it is:", () => {
  for (const [what, [name, make, format, contentType]] of Object.entries(foreign)) {
    test(what, async (t) => {
      const source = laid(t, name, make());

      const { bytes, sha256, md5, ...facts } = await pack(t, source);

      assert.equal(bytes.compare(readFileSync(source)), 0);
      assert.equal(sha256, createHash("sha256").update(bytes).digest("hex"));
      assert.equal(md5, createHash("md5").update(bytes).digest("hex"));
      assert.deepEqual(facts, {
        length: bytes.length,
        format,
        unpacked: 8,
        entries: format === "zip" ? 2 : 4,
        contentType,
        leftOut: [],
      });
    });
  }
});

const plain: Readonly<Record<string, readonly [name: string, bytes: Buffer]>> = {
  "a program": ["server", Buffer.from("\x7fELF...")],
  "a Java archive, though it is a zip": ["app-1.2.jar", zip],
  "something gzipped that is no tar": ["data.json.gz", zlib.gzipSync("{}")],
  "an empty file": ["empty", Buffer.alloc(0)],
  "a file with a space in its name": ["notes.two words", Buffer.from("x")],
};

describe("a plain file is published as it is:", () => {
  for (const [what, [name, content]] of Object.entries(plain)) {
    test(what, async (t) => {
      const { bytes, ...facts } = await pack(t, laid(t, name, content));

      assert.equal(bytes.compare(content), 0);
      assert.equal(facts.format, "file");
      assert.equal(facts.name, name);
      assert.equal(facts.contentType, "application/octet-stream");
      assert.deepEqual([facts.entries, facts.unpacked], [1, content.length]);
    });
  }
});

/** What agents say of an artifact. */
async function sentenceOfAgents(bytes: Buffer, name: string): Promise<string> {
  using place = arena();
  const artifact = join(place.base, "artifact");
  writeFileSync(artifact, bytes);
  const wish = { limits: tightLimits, fileName: name };
  return await unpack(asAgents(artifact, place.folder, wish), new AbortController().signal, () => undefined).then(
    () => "unpacked",
    (error: unknown) => JSON.stringify(asFailure(error).note),
  );
}

describe("what agents would reject is refused, in their words:", () => {
  const some = (all: readonly Hostile[], every: number) => all.filter((_, index) => index % every === 0);
  for (const [extension, archives] of [
    ["tar", some(hostileTars, 9)],
    ["zip", some(hostileZips, 9)],
  ] as const) {
    for (const { name, bytes } of archives) {
      // Longer than what these agents may fetch: they would not even begin to unpack it.
      if (bytes.length > tightLimits.unpackedSize) continue;
      test(`${extension}: ${name}`, async (t) => {
        const fileName = `app.${extension}`;
        const expected = await sentenceOfAgents(bytes, fileName);
        const asked = request(t, laid(t, fileName, bytes), { limits: tightLimits });

        const said = await prepareArtifact(asked).then(
          async (artifact) => {
            await artifact[Symbol.asyncDispose]();
            return "unpacked";
          },
          (error: unknown) => JSON.stringify(asFailure(error).note),
        );

        assert.equal(said, expected);
      });
    }
  }

  test("more than may be downloaded", async (t) => {
    const limits = { ...defaultLimits, unpackedSize: 1000 };

    await assert.rejects(prepareArtifact(request(t, laid(t, "app.tar", tar), { limits })), {
      code: "download-too-long",
      message: /app\.tar is larger than the 1000 B that are allowed/,
    });
  });

  test("a folder that packs to nothing, as a bomb does", async (t) => {
    const folder = lay(emptyFolder(t), { zeros: Buffer.alloc(6_000_000) });

    await assert.rejects(prepareArtifact(request(t, folder)), { code: "archive-bomb" });
  });
});

describe("a source", () => {
  test("that is a link is what the link leads to", async (t) => {
    const place = emptyFolder(t);
    lay(join(place, "release"), { a: "x" });
    writeFileSync(join(place, "app.tar"), tar);
    symlinkSync("release", join(place, "current"));
    symlinkSync("app.tar", join(place, "app"));

    const packed = await pack(t, join(place, "current"));
    const copied = await pack(t, join(place, "app"));

    assert.deepEqual([packed.format, packed.entries], ["tar.zst", 1]);
    assert.equal(copied.bytes.compare(tar), 0);
  });

  test("that is a folder with the name of a package is packed", async (t) => {
    const packed = await pack(t, lay(join(emptyFolder(t), "app.jar"), { a: "x" }));

    assert.equal(packed.format, "tar.zst");
  });

  test("that is not there is a mistake in the command", async (t) => {
    const source = join(emptyFolder(t), "gone");

    await assert.rejects(prepareArtifact(request(t, source)), {
      code: "source-missing",
      message: `There is no folder or file ${source} to publish.`,
      exitCode: 2,
    });
  });

  test("that is a pipe is not waited for", async (t) => {
    const source = join(emptyFolder(t), "pipe");
    execFileSync("mkfifo", [source]);

    await assert.rejects(prepareArtifact(request(t, source)), { code: "source-unfit", exitCode: 2 });
  });

  test("that grows and grows while it is read is refused, and not read for ever", async (t) => {
    const source = laid(t, "app.tar", Buffer.concat([tar, Buffer.alloc(3_000_000)]));
    const onProgress = () => appendFileSync(source, "more");

    await assert.rejects(prepareArtifact(request(t, source, { onProgress })), { code: "source-changed" });
  });

  test("that is written to later is published as it was", async (t) => {
    const source = laid(t, "app.tar", tar);

    await using artifact = await prepareArtifact(request(t, source));
    writeFileSync(source, "something else");

    assert.equal(readFileSync(artifact.file).compare(tar), 0);
  });
});
