import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { connect } from "../../src/agent/control/client.ts";
import type { Attempt } from "../../src/agent/operations.ts";
import { createHost, type Host, service, until } from "./fixture.ts";

let host: Host;

beforeEach(() => {
  host = createHost();
});

afterEach(() => host.clean());

const nobody = () => undefined;

/** Hooks that keep a record of the releases they were run for, and a probe that wants the file `healthy`. */
function withHooks(target: Host): string {
  const log = target.path("hooks.log");
  return `
    before "script" { command = "echo before $DROPSHIP_RELEASE >> ${log}" }
    after "script" { command = "echo after $DROPSHIP_RELEASE >> ${log}" }
    health "script" {
      command = "test -f ${target.path("srv/web/healthy")}"
      interval = "50ms"
      timeout = "5s"
      deadline = "300ms"
    }`;
}

test("a release is deployed, replaced, and a broken one rolled back and left alone until told to retry", async () => {
  host.upload("web", { version: "1", healthy: "" });
  host.configure(service(host, "web", withHooks(host)));
  const agent = await host.start();
  const { operations } = agent;

  await until("the first release runs", () => host.read("srv/web/version") === "1");
  host.upload("web", { version: "2", healthy: "" });
  await until("the second release runs", () => host.read("srv/web/version") === "2");
  await until("the second update ended", async () => (await operations.history("web", 9)).length === 2);
  host.upload("web", { version: "3" });
  const bad = await until("the broken release was rolled back", async () => {
    const [last] = await operations.history("web", 1);
    return last?.outcome === "rolled-back" && last;
  });

  assert.equal(host.read("srv/web/version"), "2");
  assert.equal(bad.failure?.code, "service-unhealthy");
  const checks = () => (agent.log().match(/a changed artifact is not taken/g) ?? []).length;
  const checkedAt = (await operations.status("web"))[0]?.lastCheck?.at ?? 0;
  await until("it was checked again, twice", async () => {
    const at = (await operations.status("web"))[0]?.lastCheck?.at ?? 0;
    return at > checkedAt + 400;
  });
  const [status] = await operations.status("web");
  assert.equal(status?.lastUpdate?.id, bad.id, "the broken release is not tried again");
  assert.equal(status.running?.id, bad.previous?.id);
  assert.equal(status.health, "healthy");
  assert.equal(status.denied.length, 1);
  assert.equal(checks(), 1, "it is said once");
  assert.deepEqual(
    (await operations.check("web")).map(({ outcome }) => outcome),
    ["refused"],
  );
  const { lines } = await operations.evidence("web");
  assert.ok(
    lines.some(({ state, outcome }) => state === "checking-health" && outcome === "unhealthy"),
    "what the probe said is kept",
  );

  const [again] = await operations.retry("web", nobody);
  assert.equal(again?.outcome, "rolled-back");

  host.upload("web", { version: "4", healthy: "" });
  await until("the mended release runs", () => host.read("srv/web/version") === "4");
});

test("a restart deploys nothing again", async () => {
  host.upload("web", { version: "1", healthy: "" });
  host.configure(service(host, "web", withHooks(host)));
  const first = await host.start();
  await until("it runs", async () => (await first.operations.history("web", 1))[0]?.outcome === "updated");
  assert.deepEqual(await first.end(), { code: 0, signal: null });
  const hooks = host.read("hooks.log");

  const second = await host.start();
  await until("it was checked", async () => (await second.operations.status("web"))[0]?.lastCheck !== undefined);
  await second.end();

  assert.equal(host.read("hooks.log"), hooks);
});

test("two services follow two objects of one application into two destinations", async () => {
  host.upload("stable", { version: "1" });
  host.upload("edge", { version: "2" });
  host.configure(service(host, "stable") + service(host, "edge"));
  await host.start();

  await until("both run", () => host.read("srv/stable/version") === "1" && host.read("srv/edge/version") === "2");
});

test("rollback, pin and pause hold, also over a restart", async () => {
  host.upload("web", { version: "1" });
  host.configure(service(host, "web"));
  let agent = await host.start();
  await until("one", () => host.read("srv/web/version") === "1");
  host.upload("web", { version: "2" });
  await until("two", async () => (await agent.operations.history("web", 9)).length === 2);

  const back = await agent.operations.rollback("web", undefined, nobody);
  assert.equal(back.outcome, "updated");
  assert.equal(host.read("srv/web/version"), "1");
  await agent.end();
  agent = await host.start();
  await until("checked", async () => (await agent.operations.status("web"))[0]?.lastCheck !== undefined);
  assert.equal(host.read("srv/web/version"), "1", "what was left by hand is not taken up again");

  await agent.operations.pin("web", undefined, nobody);
  await agent.operations.pause(undefined);
  await agent.end();
  host.upload("web", { version: "3" });
  agent = await host.start();
  const [pinned] = await agent.operations.status("web");
  assert.equal(pinned?.pinned, pinned?.running?.id);
  assert.equal(pinned?.paused, true);
  assert.equal((await agent.operations.update("web", nobody))[0]?.outcome, "pinned");
  await agent.operations.unpin("web");
  assert.equal((await agent.operations.update("web", nobody))[0]?.outcome, "paused");
  await agent.operations.resume(undefined);
  await until("three", async () => {
    const [now] = await agent.operations.status("web");
    return host.read("srv/web/version") === "3" && now?.state === "idle";
  });

  const two = (await agent.operations.releases("web")).find(({ current, good }) => !current && good);
  assert.ok(two, "an older release is kept");
  const attempt = await agent.operations.pin("web", two.id.slice(0, 6), nobody);
  assert.equal(attempt?.target?.id, two.id);
  assert.equal((await agent.operations.status("web"))[0]?.pinned, two.id);
});

test("what cannot be done is refused with a reason", async () => {
  host.upload("web", { version: "1" });
  host.configure(service(host, "web"));
  const { operations } = await host.start();
  await until("it runs", async () => (await operations.history("web", 1))[0]?.outcome === "updated");

  await assert.rejects(operations.rollback("web", undefined, nobody), { code: "no-earlier-release" });
  await assert.rejects(operations.rollback("web", "ffff", nobody), { code: "unknown-release" });
  await assert.rejects(operations.status("wbe"), { code: "unknown-service", message: /did you mean "web"/ });
  await assert.rejects(operations.evidence("web", "0"), { code: "unknown-attempt" });
});

test("a missing artifact is said once, and once more when it is there", async () => {
  host.configure(service(host, "web"));
  const agent = await host.start();
  const lastCheck = async () => (await agent.operations.status("web"))[0]?.lastCheck;
  const first = await until("a check failed", async () => (await lastCheck())?.failure && lastCheck());
  await until("more checks failed", async () => ((await lastCheck())?.at ?? 0) > first.at + 500);

  assert.equal((await agent.operations.check("web"))[0]?.reason?.code, "artifact-missing");
  assert.equal(agent.log().match(/the check failed/g)?.length, 1);
  host.upload("web", { version: "1" });
  await until("it runs", () => host.read("srv/web/version") === "1");
  await until("the recovery is said", () => agent.log().includes("the check works again"));
  assert.equal(agent.log().match(/the check works again/g)?.length, 1);
});

test("a second agent is refused and names the first", async () => {
  host.configure(service(host, "web"));
  const first = await host.start();
  const second = host.spawn();
  let said = "";
  second.stderr?.setEncoding("utf8").on("data", (chunk) => {
    said += chunk;
  });

  const [code] = await once(second, "exit");

  assert.notEqual(code, 0);
  assert.match(said, new RegExp(`process ${first.child.pid} `));
  assert.ok(await connect(host.statePath), "the first one still answers");
});

test("--once updates what changed, and its exit code tells of a rollback", async () => {
  const run = async () => {
    const child = host.spawn("--once");
    child.stderr?.resume();
    return (await once(child, "exit"))[0];
  };
  host.upload("web", { version: "1", healthy: "" });
  host.configure(service(host, "web", withHooks(host)));

  assert.equal(await run(), 0);
  assert.equal(host.read("srv/web/version"), "1");
  assert.equal(await run(), 0);
  host.upload("web", { version: "2" });
  assert.equal(await run(), 7);
  assert.equal(host.read("srv/web/version"), "1");
  assert.equal(await run(), 0, "what was refused before is no news");
});

test("events of an update reach whoever asked for it", async () => {
  host.upload("web", { version: "1" });
  host.configure(service(host, "web").replace("200ms", "1h"));
  const { operations } = await host.start();
  const states: string[] = [];

  const [attempt] = await operations.update("web", (event) => event.type === "state" && states.push(event.state));

  assert.equal((attempt as Attempt).outcome, "updated");
  assert.equal(states.at(0), "fetching");
  assert.ok(states.includes("switching"));
});

test("a destination that somebody took away is put back when the agent starts, and when it is asked to", async () => {
  host.upload("web", { version: "1" });
  host.configure(service(host, "web"));
  let agent = await host.start();
  await until("it runs", async () => (await agent.operations.history("web", 1))[0]?.outcome === "updated");

  rmSync(host.path("srv/web"));
  assert.equal((await agent.operations.status("web"))[0]?.running, undefined, "the status tells the truth");
  await agent.operations.update("web", nobody);
  assert.equal(host.read("srv/web/version"), "1");

  await agent.end();
  rmSync(host.path("srv/web"));
  agent = await host.start();
  await until("it is back", () => host.read("srv/web/version") === "1");
});

test("a folder that stands at the destination by hand is never deleted", async () => {
  host.upload("web", { version: "1" });
  host.configure(service(host, "web"));
  const agent = await host.start();
  await until("it runs", async () => (await agent.operations.history("web", 1))[0]?.outcome === "updated");
  await agent.operations.pause(undefined);
  rmSync(host.path("srv/web"));
  mkdirSync(host.path("srv/web"));
  writeFileSync(host.path("srv/web/precious"), "by hand");

  host.upload("web", { version: "2" });
  await agent.operations.resume(undefined);
  await until("an update ended", async () => (await agent.operations.history("web", 9)).length === 2);

  const kept = execFileSync("find", [host.folder, "-name", "precious"], { encoding: "utf8" });
  assert.match(kept, /precious/);
});

test("a log that nobody reads holds up no update", async () => {
  host.upload("web", { version: "1" });
  host.configure(service(host, "web"));
  const child = host.spawn("--chatty");
  child.stderr?.pause();

  await until("it runs", () => host.read("srv/web/version") === "1");

  const ended = once(child, "exit");
  child.kill("SIGTERM");
  assert.deepEqual(await ended, [0, null]);
});
