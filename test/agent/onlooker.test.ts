import assert from "node:assert/strict";
import { existsSync, mkdirSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { systemPorts } from "../../src/agent/agent-ports.ts";
import { lockHolder } from "../../src/agent/lock.ts";
import { type Readings, withOnlooker } from "../../src/agent/onlooker.ts";
import { diskPorts } from "../../src/config/disk.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { createHost, type Host, service, until } from "./fixture.ts";

let host: Host;

beforeEach(() => {
  host = createHost();
});

afterEach(() => host.clean());

const silent = { log: () => undefined, with: () => silent };

async function lookOn<Result>(use: (readings: Readings) => Promise<Result>): Promise<Result> {
  const { configuration } = loadConfiguration(host.path("dropship.hcl"), diskPorts());
  assert.ok(configuration);
  return await withOnlooker({ configuration, ports: systemPorts(silent) }, use);
}

test("where no agent ever ran, everything is blank, and the state folder is not made", async () => {
  host.configure(service(host, "web"));
  host.upload("web", { "index.html": "one" });

  const [status, history, check] = await lookOn(async (readings) => [
    await readings.status(),
    await readings.history("web", 5),
    await readings.check(undefined),
  ]);

  assert.deepEqual(
    status.map(({ service: name, state, running }) => [name, state, running]),
    [["web", "idle", undefined]],
  );
  assert.deepEqual(history, []);
  assert.deepEqual(
    check.map(({ outcome }) => outcome),
    ["update-available"],
  );
  assert.equal(existsSync(host.statePath), false);
});

test("an update that was killed half-way is shown as interrupted until somebody ends it, and nothing is touched", async () => {
  host.configure(
    service(host, "web", 'after "script" { command = "touch started; while [ -e started ]; do sleep 0.05; done" }'),
  );
  host.upload("web", { "index.html": "one" });
  const agent = await host.start();
  await until("the after hook runs", () => existsSync(host.path("srv/web/started")));

  const [beside] = await lookOn((readings) => readings.status("web"));
  await agent.end("SIGKILL");
  const before = footprint();
  const [left] = await lookOn((readings) => readings.status("web"));

  assert.deepEqual([beside?.state, beside?.interrupted], ["running-after-hooks", undefined]);
  assert.deepEqual([left?.state, left?.interrupted], ["running-after-hooks", true]);
  assert.deepEqual(footprint(), before);
});

test("the holder of the lock is known while it lives, and a killed one holds nothing", () => {
  mkdirSync(host.statePath);
  const holder = (pid: number) => {
    writeFileSync(join(host.statePath, "agent.pid"), JSON.stringify({ pid, what: "dropship update" }));
    return lockHolder(host.statePath);
  };

  assert.deepEqual(holder(process.pid), { pid: process.pid, what: "dropship update" });
  assert.equal(holder(2 ** 22 + 1), undefined);
  rmSync(join(host.statePath, "agent.pid"));
  assert.equal(lockHolder(host.statePath), undefined);
});

/** Every file of the state folder with its size and time. */
function footprint(): readonly string[] {
  return readdirSync(host.statePath, { recursive: true, encoding: "utf8" }).map((name) => {
    const { size, mtimeMs } = statSync(join(host.statePath, name));
    return `${name} ${size} ${mtimeMs}`;
  });
}
