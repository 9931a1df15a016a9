import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { after, test } from "node:test";

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

test("the demo tells its story, and leaves nothing behind", async () => {
  const child = startDemo();

  const story = await text(child.stdout);

  assert.equal(child.exitCode ?? (await once(child, "exit"))[0], 0, story);
  let from = 0;
  for (const sentence of [
    /1\. One file says how a service is kept up to date/,
    /\$ dropship agent/,
    /2\. Version 1 is put where the agent looks/,
    /switching │ .*switched, .*healthy/,
    /Hello from version 1/,
    /3\. Version 2 replaces it/,
    /The client got \d+ good answers from 1\.0, \d+ good answers from 2\.0\./,
    /\d+ requests met a closed door/,
    /\$ dropship status/,
    /4\. Version 3 is broken/,
    /switching │ .*unhealthy/,
    /undoing {3}│ .*healthy/,
    /The client got \d+ good answers from 2\.0\.\n/,
    /\d+ requests were answered with an error by the broken release/,
    /refused/,
    /\$ dropship logs greeter/,
    /answer 500/,
    /greeting\.json/,
    /5\. Version 4 is good again/,
    /good answers from 4\.0/,
    /rolled back/,
    /6\. Back to version 2 by hand/,
    /good answers from 2\.0/,
    /Your turn/,
  ]) {
    const found = sentence.exec(story.slice(from));
    assert.ok(found, `${sentence} is missing after:\n${story.slice(0, from)}\n--- in:\n${story.slice(from)}`);
    from += found.index + found[0].length;
  }
  assert.deepEqual(readdirSync(place), []);
  assert.deepEqual(leftBehind(), []);
});

test("the demo cleans up when it is interrupted", async () => {
  const child = startDemo();
  child.stdout.setEncoding("utf8");
  let story = "";
  for await (const chunk of child.stdout) {
    story += chunk;
    if (story.includes("3. Version 2 replaces it") && !child.killed) child.kill("SIGINT");
  }

  const [code] = child.exitCode === null ? await once(child, "exit") : [child.exitCode];

  assert.equal(code, 130, story);
  assert.deepEqual(readdirSync(place), []);
  assert.deepEqual(leftBehind(), []);
});

test("the demo cleans up when nobody listens any more", async () => {
  const child = startDemo();
  child.stdout.setEncoding("utf8");
  let story = "";
  for await (const chunk of child.stdout) {
    story += chunk;
    // Leaving the loop closes the pipe.
    if (story.includes("Hello from version 1")) break;
  }

  const [code] = await once(child, "exit");

  assert.equal(code, 1, story);
  assert.deepEqual(readdirSync(place), []);
  assert.deepEqual(leftBehind(), []);
});
