import assert from "node:assert/strict";
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { files } from "../../src/platform/files.ts";

/** A release belongs to the application's user, who may change what is in it at any moment; the agent is root. */

const exchangeCall = { x64: 316, arm64: 276 }[process.arch as "x64" | "arm64"];
/** Swaps two names as fast as it can, until it is told to end. */
const swapForEver = `$| = 1; print "on\\n"; while (1) { syscall(${exchangeCall}, -100, $ARGV[0], -100, $ARGV[1], 2) }`;

function inEmptyFolder(t: TestContext): (name: string) => string {
  const folder = mkdtempSync(join(tmpdir(), "dropship-hostile-"));
  t.after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return (name) => join(folder, name);
}

async function swapping(t: TestContext, one: string, other: string): Promise<ChildProcess> {
  const child = spawn("perl", ["-e", swapForEver, one, other], { stdio: ["ignore", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  await once(child.stdout, "data");
  return child;
}

test("nothing outside is removed when a folder becomes a link while it is being removed", async (t) => {
  const at = inEmptyFolder(t);
  mkdirSync(at("victim"));
  mkdirSync(at("release"));
  symlinkSync(at("victim"), at("link"));
  await swapping(t, at("release/folder"), at("link"));

  for (let trial = 0; trial < 300; trial += 1) {
    for (const name of ["precious", "dear"]) writeFileSync(at(`victim/${name}`), "");
    const kind = lstatSync(at("release/folder"), { throwIfNoEntry: false });
    if (kind === undefined) mkdirSync(at("release/folder"), { recursive: true });
    for (let nth = 0; nth < 3; nth += 1) {
      try {
        writeFileSync(at(`release/folder/${trial}-${nth}`), "");
      } catch {
        // it was the link just now, or gone
      }
    }
    await files.remove(at("release")).catch(() => undefined);

    assert.deepEqual(
      readdirSync(at("victim"))
        .filter((name) => !/^\d/.test(name))
        .sort(),
      ["dear", "precious"],
      `trial ${trial}`,
    );
    mkdirSync(at("release"), { recursive: true });
    if (lstatSync(at("link"), { throwIfNoEntry: false }) === undefined) symlinkSync(at("victim"), at("link"));
  }
});

test("a folder that two remove at once is gone for both", async (t) => {
  const at = inEmptyFolder(t);
  for (let trial = 0; trial < 20; trial += 1) {
    mkdirSync(at("top/below"), { recursive: true });
    for (let nth = 0; nth < 20; nth += 1) writeFileSync(at(`top/below/${nth}`), "");

    await Promise.all([files.remove(at("top")), files.remove(at("top"))]);

    assert.ok(!existsSync(at("top")));
  }
});

test("a very deep folder is removed whole, with few files open", async (t) => {
  const at = inEmptyFolder(t);
  mkdirSync(at("top"));
  const depth = 3000;
  const made = spawn("perl", ["-e", `chdir $ARGV[0]; for (1..${depth}) { mkdir "d"; chdir "d" }`, at("top")]);
  await once(made, "exit");

  await files.remove(at("top"));

  assert.ok(!existsSync(at("top")));
});

test("a link in the place of a folder gets no mode", async (t) => {
  const at = inEmptyFolder(t);
  mkdirSync(at("victim"), { mode: 0o700 });
  symlinkSync("victim", at("link"));

  await assert.rejects(files.setMode(at("link"), 0o755));

  assert.equal(lstatSync(at("victim")).mode & 0o777, 0o700);
});

test("a pipe, a link or a device in the place of a file is neither waited for nor read", {
  timeout: 20_000,
}, async (t) => {
  const at = inEmptyFolder(t);
  execFileSync("mkfifo", [at("pipe")]);
  writeFileSync(at("private"), "private");
  symlinkSync("private", at("link"));
  writeFileSync(at("huge"), "");
  truncateSync(at("huge"), 1024 ** 3);

  for (const path of [at("pipe"), at("link"), "/dev/zero", at("huge")]) {
    await assert.rejects(files.read(path), { path }, path);
  }
  for (const path of [at("pipe"), at("link"), "/dev/zero"]) {
    await assert.rejects(files.chunks(path)[Symbol.asyncIterator]().next(), { path }, path);
  }
  assert.equal(await files.read(at("private")), "private");
  assert.equal(await files.read(at("nothing")), undefined);
});
