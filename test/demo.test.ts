import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";

const demo = join(import.meta.dirname, "..", "demo", "demo.ts");
const place = mkdtempSync(join(tmpdir(), "dropship-demo-test-"));
after(() => rmSync(place, { recursive: true, force: true }));

/** Starts the demo with a folder for temporary files of its own, so that what it leaves behind can be seen. */
function startDemo() {
  return spawn(process.execPath, [demo], {
    env: { PATH: process.env["PATH"], HOME: place, TMPDIR: place },
    stdio: ["ignore", "pipe", "inherit"],
  });
}

/** Command lines of the processes that work in the demo's folder, or name it. */
function leftBehind(): readonly string[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map((pid) => `${ofProcess(pid, "cmdline")} in ${ofProcess(pid, "cwd")}`)
    .filter((line) => line.includes(place));
}

function ofProcess(pid: string, what: "cmdline" | "cwd"): string {
  const path = `/proc/${pid}/${what}`;
  try {
    return what === "cwd" ? readlinkSync(path) : readFileSync(path, "utf8").replaceAll("\0", " ");
  } catch {
    // It has ended meanwhile.
    return "";
  }
}

/** Every row of the pictures shows one host at most whose turn it is, and the same one at most that is not well. */
function assertTurns(story: string): void {
  const rows = story.match(/^(?: +\S+){5} +\d+\.\d s$/gm) ?? [];
  assert.ok(rows.length > 20, story);
  for (const row of rows) {
    const turns = row.match(/\[\S+\]/g) ?? [];
    const unwell = row.match(/down|ill/g) ?? [];
    assert.ok(turns.length <= 1 && unwell.length <= 1, row);
  }
  const ill = new Set(rows.filter((row) => row.includes("ill")).map((row) => row.indexOf("ill")));
  assert.equal(ill.size, 1, "one host alone had the bad release");
}

test("the demo tells its story, and leaves nothing behind", async () => {
  const child = startDemo();

  const story = await text(child.stdout);

  assert.equal(child.exitCode ?? (await once(child, "exit"))[0], 0, story);
  let from = 0;
  for (const sentence of [
    /1\. One file on each host says how a service is kept up to date/,
    /limit = 1/,
    /\$ dropship agent/,
    /2\. Version 1 is put where the agents look/,
    /web-1 +web-2 +web-3 +web-4 +web-5\n/,
    /How it went on web-\d, the first/,
    /switching │ .*switched, .*healthy/,
    /Hello from version 1/,
    /3\. Version 2 goes through the fleet, one host at a time/,
    /The client got \d+ good answers from 1\.0, \d+ good answers from 2\.0; never more than 1 of 5 hosts was down at once\./,
    /\d+ requests met a closed door/,
    /4\. Version 3 is broken/,
    /switching │ .*unhealthy/,
    /undoing {3}│ .*healthy/,
    /The client got \d+ good answers from 2\.0; never more than 1 of 5 hosts was down at once\./,
    /\d+ requests were answered with an error by the broken release on web-\d\.\n/,
    /web-\d took it and went back by itself; the other four never took it/,
    /\$ dropship rollout greeter/,
    /halted/,
    /\$ dropship logs greeter/,
    /answer 500/,
    /greeting\.json/,
    /5\. Version 4 is mended/,
    /good answers from 4\.0; never more than 1 of 5 hosts was down at once\./,
    /\$ dropship history greeter/,
    /rolled back/,
    /6\. One host goes back by hand/,
    /good answers from 2\.0/,
    /In all, the client asked all five \d+ times: never more than 1 of 5 hosts was down at once\./,
    /Your turn/,
  ]) {
    const found = sentence.exec(story.slice(from));
    assert.ok(found, `${sentence} is missing after:\n${story.slice(0, from)}\n--- in:\n${story.slice(from)}`);
    from += found.index + found[0].length;
  }
  assertTurns(story.slice(story.indexOf("3. Version 2")));
  assert.deepEqual(readdirSync(place), []);
  assert.deepEqual(leftBehind(), []);
});

test("the demo cleans up when it is interrupted", async () => {
  const child = startDemo();
  child.stdout.setEncoding("utf8");
  let story = "";
  for await (const chunk of child.stdout) {
    story += chunk;
    if (story.includes("3. Version 2 goes through the fleet") && !child.killed) child.kill("SIGINT");
  }

  const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];

  assert.equal(code, 130, story);
  assert.deepEqual(readdirSync(place), []);
  assert.deepEqual(leftBehind(), []);
});

test("nothing is left of the demo when it is killed", async () => {
  const child = startDemo();
  child.stdout.setEncoding("utf8");
  for await (const chunk of child.stdout) if (chunk.includes("[down]")) child.kill("SIGKILL");

  const deadline = performance.now() + 10_000;
  while ((leftBehind().length > 0 || readdirSync(place).length > 0) && performance.now() < deadline) await sleep(50);

  assert.equal(child.signalCode, "SIGKILL");
  assert.deepEqual(leftBehind(), []);
  assert.deepEqual(readdirSync(place), []);
});

test("the demo cleans up when nobody listens any more", async () => {
  const child = startDemo();
  child.stdout.setEncoding("utf8");
  let story = "";
  for await (const chunk of child.stdout) {
    story += chunk;
    // Leaving the loop closes the pipe.
    if (story.includes("[down]")) break;
  }

  const [code] = await once(child, "exit");

  assert.equal(code, 1, story);
  assert.deepEqual(readdirSync(place), []);
  assert.deepEqual(leftBehind(), []);
});
