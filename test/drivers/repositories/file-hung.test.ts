import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { test } from "node:test";

const program = join(import.meta.dirname, "check-once.ts");

/** The next line of an output that holds `wanted`; fails when the output ends. */
async function lineWith(output: AsyncIterator<string>, wanted: RegExp): Promise<string> {
  for (let next = await output.next(); !next.done; next = await output.next()) {
    if (wanted.test(next.value)) return next.value;
  }
  throw new Error(`the output ended without ${wanted}`);
}

const lines = (child: ChildProcess, name: "stdout" | "stderr") =>
  createInterface(child[name] as NodeJS.ReadableStream)[Symbol.asyncIterator]();

test("a file system that does not answer holds up no check", async (t) => {
  const child = spawn(process.execPath, [program, "/etc/hostname"], { stdio: ["pipe", "pipe", "inherit"] });
  t.after(() => child.kill("SIGKILL"));
  const said = lines(child, "stdout");
  const pid = await lineWith(said, /^\d+$/);
  const hang = ["-f", "-p", pid, "-e", "trace=statx", "-e", "inject=statx:delay_enter=20s"];
  const strace = spawn("strace", hang, { stdio: ["ignore", "ignore", "pipe"] });
  t.after(() => strace.kill("SIGKILL"));
  const traced = lines(strace, "stderr");
  await lineWith(traced, /attached/);
  const started = performance.now();
  child.stdin?.write("go\n");

  assert.equal(await lineWith(said, /./), "TimeoutError");
  assert.equal(await lineWith(said, /./), "TimeoutError");
  assert.ok(performance.now() - started < 10_000);
  child.kill("SIGKILL");
  await once(child, "exit");
});
