import assert from "node:assert/strict";
import fs from "node:fs";
import path from "node:path";
import { describe, type TestContext, test } from "node:test";
import { bringToDisk, syncsWhole } from "../../../src/drivers/archives/unpacking/bring-to-disk.ts";
import { unpack } from "../../../src/drivers/archives/unpacking/unpack.ts";
import { type FileSystemSync, syncFileSystem } from "../../../src/platform/file-system-sync.ts";
import { lyingExt4 } from "../../releases/disks.ts";
import { emptyFolder } from "../../releases/fixture.ts";
import { request } from "./arena.ts";
import { file, tarOf } from "./tar-writer.ts";

const never = new AbortController().signal;
const refused: FileSystemSync = { refused: "sync: error syncing: Input/output error" };

/** A file system whose syncs end like this, one after the other; the last one again and again. */
function scripted(...ends: readonly FileSystemSync[]) {
  const asked: string[] = [];
  const sync = async (folder: string) => {
    asked.push(folder);
    return ends[Math.min(asked.length, ends.length) - 1] ?? "synced";
  };
  return { asked, sync };
}

/** The same, with a folder that is gone once it was asked for: what ends well did not sync file by file. */
function vanishing(t: TestContext, ...ends: readonly FileSystemSync[]) {
  const folder = path.join(emptyFolder(t), "folder");
  fs.mkdirSync(folder);
  const { asked, sync } = scripted(...ends);
  const once = async (place: string) => {
    fs.rmSync(folder, { recursive: true, force: true });
    return sync(place);
  };
  return { folder, asked, sync: once };
}

describe("what was unpacked is brought to disk", () => {
  test("by syncs of the whole file system, the last one after the last byte", async (t) => {
    const { folder, asked, sync } = vanishing(t, "synced");

    await bringToDisk(folder, never, sync).finish();

    assert.deepEqual(asked, [folder, folder]);
  });

  for (const [what, ...ends] of [
    ["cannot be synced as a whole, or tells of an older error", refused, "synced"],
    ["takes too long, for all that others have written", "late"],
    ["takes too long at the end", "synced", "late"],
  ] as const) {
    test(`file by file where the file system ${what}`, async (t) => {
      const { folder, sync } = vanishing(t, ...ends);

      await assert.rejects(bringToDisk(folder, never, sync).finish(), {
        code: "archive-write-failed",
        message: /ENOENT/,
      });

      await bringToDisk(emptyFolder(t), never, scripted(...ends).sync).finish();
    });
  }

  test("or fails, when a sync fails after the first one went well", async (t) => {
    const folder = emptyFolder(t);
    const disk = bringToDisk(folder, never, scripted("synced", refused, "synced").sync);

    await assert.rejects(disk.finish(), { code: "archive-write-failed", message: /Input\/output error/ });
  });

  test("or fails, when one failed meanwhile and the last one goes well", async (t) => {
    const folder = emptyFolder(t);
    const { asked, sync } = scripted("synced", refused, "synced");
    const disk = bringToDisk(folder, never, sync);
    const end = performance.now() + 10_000;
    while (asked.length < 2 && performance.now() < end) {
      disk.more();
      await new Promise((resolve) => setTimeout(resolve, 10));
    }

    await assert.rejects(disk.finish(), { code: "archive-write-failed" });
  });

  test("or stops when it is told to", async (t) => {
    const stop = new AbortController();
    const disk = bringToDisk(emptyFolder(t), stop.signal);
    stop.abort(new Error("enough"));

    await assert.rejects(disk.finish(), { message: "enough" });
  });
});

test("a disk that loses what was written is found out", async (t) => {
  const disk = lyingExt4(t);
  const artifact = path.join(emptyFolder(t), "artifact");
  fs.writeFileSync(artifact, tarOf(file("large", Buffer.alloc(60e6, 1))));
  const folder = path.join(disk, "folder");
  fs.mkdirSync(folder);

  await assert.rejects(
    unpack(request(artifact, folder, { sync: true }), never, () => {}),
    (error: Error) => {
      assert.ok(
        "code" in error && ["archive-write-failed", "archive-disk-full"].includes(String(error.code)),
        String(error),
      );
      return true;
    },
  );
});

test("only file systems and kernels that tell of every failed write are synced as a whole", () => {
  const [ext4, zfs, overlay] = [0xef53, 0x2fc12fc1, 0x794c7630];

  assert.deepEqual(
    ["5.7.19", "5.8.0-1-amd64", "6.1.0-18-amd64", "4.19.0", "10.0"].map((kernel) => syncsWhole(ext4, kernel)),
    [false, true, true, false, true],
  );
  assert.ok(!syncsWhole(zfs, "6.1.0") && !syncsWhole(overlay, "6.1.0"));
});

describe("a sync of a file system", () => {
  test("writes what is there", async (t) => {
    const folder = emptyFolder(t);

    assert.equal(await syncFileSystem(folder, 60_000, never), "synced");
  });

  test("that fails says why", async () => {
    const end = await syncFileSystem("/nowhere", 60_000, never);

    assert.match(typeof end === "object" ? end.refused : end, /No such file/);
  });

  test("that takes too long is not waited for", async (t) => {
    assert.equal(await syncFileSystem(emptyFolder(t), 0, never), "late");
  });
});
