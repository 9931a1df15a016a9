import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmodSync, chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { takeAgentLock } from "../../src/agent/lock.ts";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dropship-lock-"));
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** A process that holds the lock until it is killed. */
async function holder(statePath: string) {
  const source = join(import.meta.dirname, "../../src/agent/lock.ts");
  const script = `const { takeAgentLock } = await import(${JSON.stringify(source)});
    globalThis.lock = takeAgentLock(${JSON.stringify(statePath)}, "agent");
    console.log("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", script], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await once(child.stdout, "data");
  return child;
}

test("a second process is refused and told the first one's number, until that one is killed", async () => {
  const statePath = join(folder, "state");
  const first = await holder(statePath);

  assert.throws(
    () => takeAgentLock(statePath, "dropship update"),
    (thrown: Error & { code: string }) => {
      assert.equal(thrown.code, "agent-running");
      assert.match(thrown.message, new RegExp(`process ${first.pid} \\(agent\\)`));
      return true;
    },
  );
  first.kill("SIGKILL");
  await once(first, "exit");

  takeAgentLock(statePath, "dropship update")[Symbol.dispose]();
});

test("a process that is stopped keeps its lock", async () => {
  const statePath = join(folder, "state");
  const first = await holder(statePath);
  first.kill("SIGSTOP");

  assert.throws(() => takeAgentLock(statePath, "agent"), { code: "agent-running" });

  first.kill("SIGKILL");
  await once(first, "exit");
});

test("one process cannot take the lock twice, and gives it back once", () => {
  const first = takeAgentLock(folder, "agent");
  assert.throws(() => takeAgentLock(folder, "agent"), { code: "agent-running" });

  first[Symbol.dispose]();
  const second = takeAgentLock(folder, "agent");
  first[Symbol.dispose]();

  assert.throws(() => takeAgentLock(folder, "agent"), { code: "agent-running" });
  second[Symbol.dispose]();
});

test("what the holder's file says is never trusted to be well-formed", () => {
  const first = takeAgentLock(folder, "agent");
  writeFileSync(join(folder, "agent.pid"), "\u0000{");

  assert.throws(() => takeAgentLock(folder, "agent"), /process unknown/);

  first[Symbol.dispose]();
});

test("the state folder is made for its owner alone, with the folders above it", () => {
  const statePath = join(folder, "a", "b", "state");

  takeAgentLock(statePath, "agent")[Symbol.dispose]();

  assert.equal(lstatSync(statePath).mode & 0o777, 0o700);
});

test("a state folder that others may enter is closed to them", () => {
  chmodSync(folder, 0o777);

  takeAgentLock(folder, "agent")[Symbol.dispose]();

  assert.equal(lstatSync(folder).mode & 0o777, 0o700);
});

test("a state folder that is a link, a file or below a file is refused", () => {
  mkdirSync(join(folder, "real"));
  symlinkSync(join(folder, "real"), join(folder, "link"));
  writeFileSync(join(folder, "file"), "");

  for (const name of ["link", "file", "file/below"]) {
    assert.throws(() => takeAgentLock(join(folder, name), "agent"), { code: "state-folder-unsafe" }, name);
  }
});

test("a state folder that belongs to somebody else is refused", () => {
  const theirs = process.getuid?.() === 0 ? join(folder, "theirs") : "/usr";
  if (process.getuid?.() === 0) {
    mkdirSync(theirs);
    chownSync(theirs, 65534, 65534);
  }

  assert.throws(() => takeAgentLock(theirs, "agent"), { code: "state-folder-unsafe" });
});
