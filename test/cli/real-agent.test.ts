import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";
import { setTimeout } from "node:timers/promises";

const entry = join(import.meta.dirname, "..", "..", "bin", "dropship.js");
const folder = mkdtempSync(join(tmpdir(), "dropship-cli-"));
const main = join(folder, "dropship.hcl");
const artifact = join(folder, "artifact");
const destination = join(folder, "app", "web");
let agent: ChildProcess | undefined;

before(() => {
  mkdirSync(join(folder, "app"), { mode: 0o755 });
  writeFileSync(
    main,
    `state_path = "${folder}/state"
service "web" {
  checkInterval = "1h"
  artifact "file" {
    path = "${artifact}"
    destination = "${destination}"
  }
  after "script" {
    command = "while [ -e ${folder}/wait ]; do sleep 0.05; done; cat ${destination}; grep -q good ${destination}"
  }
}
`,
    { mode: 0o600 },
  );
});

after(async () => {
  if (agent && agent.exitCode === null) {
    agent.kill("SIGKILL");
    await new Promise((resolve) => agent?.on("close", resolve));
  }
  rmSync(folder, { recursive: true });
});

/** The real command line in a process of its own. */
function start(words: readonly string[]) {
  const child = spawn(process.execPath, [entry, ...words, "--config", main], {
    stdio: ["ignore", "pipe", "pipe"],
    timeout: 30_000,
  });
  const got = { out: "", err: "" };
  child.stdout.on("data", (piece) => {
    got.out += piece;
  });
  child.stderr.on("data", (piece) => {
    got.err += piece;
  });
  const ended = new Promise<{ code: number | null; out: string; err: string }>((resolve) => {
    child.on("close", (code) => resolve({ code, ...got }));
  });
  return { child, got, ended };
}

const dropship = (...words: string[]) => start(words).ended;

test("without an agent: check says 3, update installs, status tells it", async () => {
  writeFileSync(artifact, "good 1\n");

  const check = await dropship("check");
  const update = await dropship("update", "web");
  const again = await dropship("check", "--json");

  assert.deepEqual([check.code, check.out], [3, "web: update available\n"]);
  assert.equal(check.err, `no agent is running; read from ${folder}/state\n`);
  assert.equal(update.code, 0, update.err);
  assert.match(update.out, /web {2}downloading\n[\s\S]*\nweb: updated to [0-9a-f]{12} in [^\n]+\n$/);
  assert.equal(readFileSync(destination, "utf8"), "good 1\n");
  assert.equal(JSON.parse(again.out).services[0].outcome, "up-to-date");
});

test("beside a command that updates by itself, others look on and change nothing", async () => {
  writeFileSync(artifact, "good 2\n");
  writeFileSync(join(folder, "wait"), "");
  const update = start(["update"]);
  for (let tries = 0; !update.got.out.includes("after hooks"); tries++) {
    assert.ok(tries < 200, update.got.err);
    await setTimeout(50);
  }

  const [status, history, second] = [
    await dropship("status"),
    await dropship("history", "web"),
    await dropship("update"),
  ];
  rmSync(join(folder, "wait"));
  const { code } = await update.ended;

  assert.match(status.out, /web +running the after hooks +/);
  assert.match(status.err, /^process \d+ \(dropship update\) is at work; read from /);
  assert.match(history.out, /updated/);
  assert.equal(second.code, 1);
  assert.match(second.err, /\(dropship update\)\.\n {2}Try again when it has ended/);
  assert.equal(code, 0);
});

test("with an agent: a bad release is rolled back in front of the person, exit code 7", async () => {
  const running = start(["agent", "--log-format", "json"]);
  agent = running.child;
  for (let tries = 0; !running.got.err.includes("the agent runs"); tries++) {
    assert.ok(tries < 200, running.got.err);
    await setTimeout(50);
  }
  writeFileSync(artifact, "bad 2\n");

  const update = await dropship("update", "web");
  const status = await dropship("status");
  const logs = await dropship("logs", "web");

  assert.deepEqual([update.code, update.err], [7, ""]);
  assert.match(update.out, /script \([^\n]*dropship\.hcl:8:9\): failed\n {10}│ bad 2\n/);
  assert.match(update.out, /\nweb: rolled back from [0-9a-f]{12} to [0-9a-f]{12} in/);
  assert.equal(readFileSync(destination, "utf8"), "good 2\n");
  assert.match(status.out, /web +idle +[0-9a-f]{12} +unknown +refused/);
  assert.match(logs.out, /│ bad 2\n/);
});

test("the operator goes back and forth, pins, and reads what happened", async () => {
  writeFileSync(artifact, "good 3\n");

  const update = await dropship("update");
  const rollback = await dropship("rollback", "web");
  const pin = await dropship("pin", "web");
  const history = await dropship("history", "web", "--json");
  const releases = await dropship("releases", "web", "--json");

  assert.equal(update.code, 0, update.out);
  assert.equal(rollback.code, 0, rollback.out);
  assert.match(rollback.out, /web: activated [0-9a-f]{12} \(was [0-9a-f]{12}\)/);
  assert.equal(readFileSync(destination, "utf8"), "good 2\n");
  assert.equal(pin.out, "web: pinned to what runs.\n");
  const outcomes = JSON.parse(history.out).attempts.map(({ outcome }: { outcome: string }) => outcome);
  assert.deepEqual(outcomes, ["updated", "updated", "rolled-back", "updated", "updated"]);
  assert.equal(JSON.parse(releases.out).releases.length, 4);
});

test("what is not there is told by the agent as it is without one", async () => {
  const service = await dropship("status", "wbe");
  const release = await dropship("rollback", "web", "zebra");

  assert.equal(service.code, 2);
  assert.match(service.err, /^error: There is no service "wbe"; did you mean "web"\?\n/);
  assert.equal(release.code, 2);
  assert.match(release.err, /has no release "zebra" on disk/);
});
