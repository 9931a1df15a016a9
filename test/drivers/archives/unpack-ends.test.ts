import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { test } from "node:test";
import zlib from "node:zlib";
import { unpack } from "../../../src/drivers/archives/unpacking/unpack.ts";
import { arena, request, roomy } from "./arena.ts";
import { end, entry, file, gnuLongName, link } from "./tar-writer.ts";

const anything = { ...roomy, unpackedSize: 2 ** 40, entries: 1e6, ratio: 1e6 };

test("a thread that runs out of memory is a failure of its update and of nothing else", async () => {
  using place = arena();
  const artifact = path.join(place.base, "artifact");
  const target = entry(gnuLongName("x/".repeat(2000), "K"));
  // Links wait in memory for the end: these would take 200 MB.
  for (let part = 0; part < 50; part += 1) {
    const links = Array.from({ length: 1000 }, (_, index) => [target, entry(link(`l${part}-${index}`, "short"))]);
    fs.appendFileSync(artifact, zlib.gzipSync(Buffer.concat(links.flat()), { level: 1 }));
  }
  fs.appendFileSync(artifact, zlib.gzipSync(end));

  await assert.rejects(
    unpack(request(artifact, place.folder, { limits: anything }), new AbortController().signal, () => {}),
    {
      code: "archive-unpacker-died",
      message: /memory/,
    },
  );

  assert.deepEqual(place.inside(), []);
});

test("an abort in the middle of a large file takes less than a second", async () => {
  using place = arena();
  const artifact = path.join(place.base, "artifact");
  const part = Buffer.alloc(2 ** 26, 7);
  const packed = zlib.gzipSync(part, { level: 1 });
  const parts = 64;
  const size = (parts * part.length).toString(8).padStart(11, "0");
  fs.writeFileSync(artifact, zlib.gzipSync(entry({ ...file("large", ""), size: `${size}\0` })));
  for (let index = 0; index < parts; index += 1) fs.appendFileSync(artifact, packed);
  const stop = new AbortController();
  let stopped = 0;
  const running = unpack(request(artifact, place.folder, { limits: anything, sync: true }), stop.signal, () => {
    if (!fs.existsSync(path.join(place.folder, "large"))) return;
    stopped ||= performance.now();
    stop.abort(new Error("enough"));
  });

  await assert.rejects(running, { message: "enough" });

  const took = performance.now() - stopped;
  assert.ok(took < 1000, `${took} ms`);
  const { size: left } = fs.statSync(path.join(place.folder, "large"));
  assert.ok(left < parts * part.length);
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.equal(fs.statSync(path.join(place.folder, "large")).size, left);
});
