import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import {
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, type TestContext, test } from "node:test";
import { files } from "../../src/platform/files.ts";

function inEmptyFolder(t: TestContext): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "dropship-files-"));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return (name) => join(folder, name);
}

describe("the file system", () => {
  test("tells what stands at a path without following it", async (t) => {
    const at = inEmptyFolder(t);
    writeFileSync(at("file"), "12345");
    mkdirSync(at("folder"));
    symlinkSync("file", at("link"));
    execFileSync("mkfifo", [at("pipe")]);

    const kinds = await Promise.all(
      ["file", "folder", "link", "pipe", "nothing", "file/x"].map((name) => files.look(at(name))),
    );

    assert.deepEqual(
      kinds.map((look) => look?.kind),
      ["file", "folder", "link", "other", undefined, undefined],
    );
    assert.equal(kinds[0]?.size, 5);
  });

  test("writes only what was not there, with exactly the mode asked for", async (t) => {
    const at = inEmptyFolder(t);
    const umask = process.umask(0o077);
    t.after(() => process.umask(umask));

    await files.write(at("file"), "text", 0o644);
    await files.makeFolder(at("folder"), 0o755);

    assert.equal(readFileSync(at("file"), "utf8"), "text");
    assert.equal(lstatSync(at("file")).mode & 0o777, 0o644);
    assert.equal(lstatSync(at("folder")).mode & 0o777, 0o755);
    await assert.rejects(files.write(at("file"), "other", 0o644), { code: "EEXIST" });
  });

  test("copies a file with mode, owner and time", async (t) => {
    const at = inEmptyFolder(t);
    writeFileSync(at("file"), "text", { mode: 0o640 });
    utimesSync(at("file"), 1_000_000, 1_000_000);

    await files.copyFile(at("file"), at("copy"));

    const { mode, uid, mtimeMs } = lstatSync(at("copy"));
    assert.deepEqual(
      [readFileSync(at("copy"), "utf8"), mode & 0o777, uid, mtimeMs],
      ["text", 0o640, process.getuid?.(), 1e9],
    );
    await assert.rejects(files.copyFile(at("file"), at("copy")), { code: "EEXIST" });
  });

  test("does not copy what a link leads to, nor waits for a pipe", async (t) => {
    const at = inEmptyFolder(t);
    symlinkSync("/etc/passwd", at("link"));
    execFileSync("mkfifo", [at("pipe")]);

    await assert.rejects(files.copyFile(at("link"), at("copy")), { code: "ELOOP" });
    await assert.rejects(files.copyFile(at("pipe"), at("copy")), { code: "not-adoptable" });
    assert.equal(await files.look(at("copy")), undefined);
  });

  test("removes a link and not what it leads to", async (t) => {
    const at = inEmptyFolder(t);
    mkdirSync(at("folder"));
    writeFileSync(at("folder/file"), "text");
    mkdirSync(at("doomed"));
    symlinkSync(at("folder"), at("doomed/link"));
    symlinkSync("folder", at("link"));

    await files.remove(at("doomed"));
    await files.remove(at("link"));
    await files.remove(at("nothing"));

    assert.equal(readFileSync(at("folder/file"), "utf8"), "text");
    assert.equal(await files.look(at("doomed")), undefined);
  });

  test("swaps a folder and a link, whatever they are called", async (t) => {
    const at = inEmptyFolder(t);
    for (const [one, other] of [
      ["folder", "link"],
      ["-e", "7"],
      ["with space; $(x) 'y'", "ä\n"],
    ] as const) {
      mkdirSync(at(one));
      symlinkSync("text", at(other));

      assert.equal(await files.exchange(at(one), at(other)), true);

      assert.equal(readlinkSync(at(one)), "text");
      assert.equal((await files.look(at(other)))?.kind, "folder");
    }
  });

  test("says that a swap was not possible, and leaves both alone", async (t) => {
    const at = inEmptyFolder(t);
    mkdirSync(at("folder"));

    assert.equal(await files.exchange(at("folder"), at("nothing")), false);

    assert.equal((await files.look(at("folder")))?.kind, "folder");
    assert.equal(await files.look(at("nothing")), undefined);
  });

  test("names the file in errors that the system reports for an open one", async (t) => {
    const at = inEmptyFolder(t);
    symlinkSync("/dev/full", at("link"));

    await assert.rejects(files.sync(at("link")), { code: "ELOOP", path: at("link") });
  });
});
