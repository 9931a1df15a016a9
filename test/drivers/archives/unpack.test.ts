import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import fs from "node:fs";
import path from "node:path";
import { describe, test } from "node:test";
import zlib from "node:zlib";
import { unpack } from "../../../src/drivers/archives/unpacking/unpack.ts";
import { type Arena, arena, request, tree } from "./arena.ts";
import { entry, file, folder, link, tarOf } from "./tar-writer.ts";
import { zipOf } from "./zip-writer.ts";

const never = new AbortController().signal;
const quiet = () => {};

function laid(place: Arena, bytes: Buffer): string {
  const artifact = path.join(place.base, "artifact");
  fs.writeFileSync(artifact, bytes);
  return artifact;
}

describe("in a thread of its own", () => {
  test("an archive is unpacked, synced and counted", async () => {
    using place = arena();
    const artifact = laid(
      place,
      zlib.gzipSync(tarOf(folder("./"), file("./a", "12345"), folder("d"), link("d/l", "../a"))),
    );

    const unpacked = await unpack(request(artifact, place.folder, { sync: true }), never, quiet);

    assert.deepEqual(unpacked, { format: "tar.gz", entries: 4, bytes: 5 });
    assert.equal(fs.readFileSync(path.join(place.folder, "d/l"), "utf8"), "12345");
  });

  test("a rejected archive gives its failure with code, sentence and remedy", async () => {
    using place = arena();
    const artifact = laid(place, tarOf(file("ok"), file("../\x1b[31mevil")));

    await assert.rejects(unpack(request(artifact, place.folder), never, quiet), {
      code: "archive-unsafe-path",
      message: 'The name of archive entry "../\\u{1b}[31mevil" (byte 1024) is not allowed: it has a component "..".',
      remedy: /relative names/,
    });
  });

  test("an archive that is only judged is read to its end and leaves nothing", async () => {
    using place = arena();
    const artifact = laid(place, zlib.gzipSync(tarOf(folder("d"), file("d/a", "12345"), link("d/l", "a"))));
    const before = place.outside();
    const judge = () => unpack(request(artifact, "/nowhere", { judgeOnly: true }), never, quiet);

    const unpacked = await judge();

    assert.deepEqual(unpacked, { format: "tar.gz", entries: 3, bytes: 5 });
    assert.deepEqual([place.inside(), place.outside()], [[], before]);
    fs.writeFileSync(artifact, tarOf(file("ok"), link("l", "../../outside")));
    await assert.rejects(judge(), { code: "archive-unsafe-link" });
    assert.deepEqual(place.inside(), []);
  });

  test("files without a time of their own get the one that is asked for", async () => {
    using place = arena();
    const timeless = entry({ ...file("timeless"), modified: "00000000000\0" });
    const artifact = laid(place, tarOf(timeless, file("timed")));
    const timeOf = (name: string) => fs.statSync(path.join(place.folder, name)).mtimeMs / 1000;

    await unpack(request(artifact, place.folder, { modified: 1_764_000_000 }), never, quiet);

    assert.equal(timeOf("timeless"), 1_764_000_000);
    assert.equal(timeOf("timed"), 0o14000000000);
  });

  test("a plain file gets the time that is asked for, and without one an archive's files keep theirs", async () => {
    using place = arena();
    const timeOf = (name: string) => fs.statSync(path.join(place.folder, name)).mtimeMs / 1000;

    await unpack(request(laid(place, Buffer.from("text")), place.folder, { modified: 1_764_000_000 }), never, quiet);
    const timeless = entry({ ...file("timeless"), modified: "00000000000\0" });
    await unpack(request(laid(place, tarOf(timeless)), place.folder), never, quiet);

    assert.equal(timeOf("artifact"), 1_764_000_000);
    assert.equal(timeOf("timeless"), 0);
  });

  test("progress is told in packed bytes, seldom, and ends with all of them", async () => {
    using place = arena();
    const bytes = tarOf(
      ...Array.from({ length: 64 }, (_, index) => file(`f${index}`, Buffer.alloc(1024 * 1024, index))),
    );
    const artifact = laid(place, bytes);
    const told: number[] = [];
    const started = performance.now();

    await unpack(request(artifact, place.folder), never, (amount) => told.push(amount));

    assert.equal(told.at(-1), bytes.length);
    assert.deepEqual(
      told,
      told.toSorted((one, other) => one - other),
    );
    assert.ok(told.length <= (performance.now() - started) / 100 + 2, `${told.length} reports`);
  });

  test("an abort stops it, and nothing is written afterwards", async () => {
    using place = arena();
    const body = Buffer.alloc(4096, 1);
    const artifact = laid(place, tarOf(...Array.from({ length: 5000 }, (_, index) => file(`f${index}`, body))));
    const stop = new AbortController();
    const running = unpack(request(artifact, place.folder, { sync: true }), stop.signal, () =>
      stop.abort(new Error("enough")),
    );

    await assert.rejects(running, { message: "enough" });

    const left = fs.readdirSync(place.folder).length;
    assert.ok(left < 5000);
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(fs.readdirSync(place.folder).length, left);
  });

  test("an abort before it begins begins nothing", async () => {
    using place = arena();
    const artifact = laid(place, tarOf(file("a")));

    await assert.rejects(unpack(request(artifact, place.folder), AbortSignal.abort(new Error("no")), quiet), {
      message: "no",
    });

    assert.deepEqual(place.inside(), []);
  });

  test("an artifact that is not there is unreadable", async () => {
    using place = arena();

    await assert.rejects(unpack(request(path.join(place.base, "none"), place.folder), never, quiet), {
      code: "archive-unreadable",
    });
  });

  test("an artifact that is a link is not followed", async () => {
    using place = arena();
    fs.symlinkSync(laid(place, tarOf(file("a"))), path.join(place.base, "link"));

    await assert.rejects(unpack(request(path.join(place.base, "link"), place.folder), never, quiet), {
      code: "archive-unreadable",
    });
  });
});

describe("what lands on disk", () => {
  test("has no setuid, setgid, sticky or world-writable bit", async () => {
    using place = arena();
    const tar = tarOf(
      { ...file("suid"), mode: "0006777\0" },
      { ...file("plain"), mode: "0000666\0" },
      { ...folder("sticky"), mode: "0001777\0" },
      { ...file("secret"), mode: "0000000\0" },
    );

    await place.unpack(tar);

    assert.deepEqual(
      place.inside().map((line) => line.split(" ").slice(0, 3).join(" ")),
      ["plain file 644", "secret file 644", "sticky folder 755", "suid file 755"],
    );
  });

  test("has the config's mode and owner where the config says so", async () => {
    using place = arena();

    await place.unpack(tarOf(file("d/a"), link("d/l", "a")), { mode: 0o640, uid: 12, gid: 34 });

    assert.deepEqual(
      tree(place.folder).map((line) => line.split(" ").slice(0, 3).join(" ")),
      ["d folder 750", "d/a file 640", "d/l link a"],
    );
    for (const name of ["d", "d/a", "d/l"]) {
      const { uid, gid } = fs.lstatSync(path.join(place.folder, name));
      assert.deepEqual({ name, uid, gid }, { name, uid: 12, gid: 34 });
    }
  });

  test("keeps the time of a file", async () => {
    using place = arena();

    await place.unpack(tarOf(file("a")));

    assert.equal(fs.statSync(path.join(place.folder, "a")).mtimeMs, 0o14000000000 * 1000);
  });

  test("is never written over what stands in the folder already", async () => {
    using place = arena();
    fs.symlinkSync("../evil", path.join(place.folder, "a"));

    await assert.rejects(place.unpack(tarOf(file("a", "overwritten"))), { code: "archive-write-failed" });

    assert.equal(fs.readFileSync(path.join(place.base, "nest/evil"), "utf8"), "untouched");
  });

  test("is never written through a folder that was swapped for a link", async () => {
    using place = arena();
    fs.mkdirSync(path.join(place.base, "elsewhere"));
    fs.symlinkSync("../../elsewhere", path.join(place.folder, "d"));

    await assert.rejects(place.unpack(tarOf(folder("d"), file("d/a"))), { code: "archive-write-failed" });

    assert.deepEqual(fs.readdirSync(path.join(place.base, "elsewhere")), []);
  });
});

describe("a system call that fails is a failure that says where, and leaks no descriptor:", () => {
  const good = tarOf(
    ...Array.from({ length: 20 }, (_, index) => file(`d${index % 4}/f${index}`, Buffer.alloc(3000, index))),
  );
  const cases: readonly (readonly [call: string, errno: string, code: string])[] = [
    ["openat", "EMFILE", "archive-no-descriptors"],
    ["openat", "ENOSPC", "archive-disk-full"],
    ["write", "ENOSPC", "archive-disk-full"],
    ["write", "EDQUOT", "archive-disk-full"],
    ["write", "EIO", "archive-write-failed"],
    ["mkdir", "EROFS", "archive-write-failed"],
    ["syncfs,fsync", "EIO", "archive-write-failed"],
    ["syncfs,fsync", "ENOSPC", "archive-disk-full"],
    ["close", "EIO", "archive-write-failed"],
  ];
  for (const [call, errno, code] of cases) {
    test(`${errno} from ${call}`, () => {
      using place = arena();
      const artifact = laid(place, call === "mkdir" ? good : zlib.gzipSync(good));
      const program = path.join(import.meta.dirname, "unpack-process.ts");
      // Only calls below the folder fail: -P matches the path that a call or its descriptor names.
      const targets = call === "mkdir" ? ["d1"] : call.startsWith("syncfs") ? ["", "d1/f5"] : ["d1/f5"];
      const paths = targets.flatMap((target) => ["-P", path.join(place.folder, target)]);
      const inject = `inject=${call}:error=${errno}`;

      const said = execFileSync(
        "strace",
        ["-f", "-qq", "-o", "/dev/null", ...paths, "-e", inject, process.execPath, program, artifact, place.folder],
        { encoding: "utf8", timeout: 30_000 },
      );

      const ended = JSON.parse(said);
      assert.equal(ended.code, code, said);
      assert.match(ended.sentence, /nest\/folder\/d1/);
      assert.equal(ended.passing, true);
      assert.ok(call === "close" || ended.leaked <= 0, said);
    });
  }
});

test("a zip is synced like a tar", async () => {
  using place = arena();

  const unpacked = await unpack(
    request(laid(place, zipOf({ name: "d/a", body: "x" })), place.folder, { sync: true }),
    never,
    quiet,
  );

  assert.deepEqual(unpacked, { format: "zip", entries: 1, bytes: 1 });
});
