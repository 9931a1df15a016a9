import assert from "node:assert/strict";
import { once } from "node:events";
import { afterEach, beforeEach, test } from "node:test";
import { exitCodes } from "../../src/domain/failures/entry.ts";
import type { StateName } from "../../src/update/states.ts";
import { createHost, type Host, type RunningAgent, service, until } from "./fixture.ts";

let host: Host;

beforeEach(() => {
  host = createHost();
});

afterEach(() => host.clean());

const goodPath = [
  "fetching",
  "verifying",
  "staging",
  "confirming",
  "running-before-hooks",
  "switching",
  "running-after-hooks",
  "checking-health",
  "committing",
  "running-success-hooks",
  "finishing",
] as const satisfies readonly StateName[];

const badPath = [
  "running-rollback-before-hooks",
  "switching-back",
  "running-rollback-after-hooks",
  "checking-rollback",
  "running-failure-hooks",
  "finishing",
] as const satisfies readonly StateName[];

/** One state of each kind: what ends at once, what is finished, what the next agent starts again. */
const stopped = [
  "fetching",
  "staging",
  "running-before-hooks",
  "running-after-hooks",
  "checking-health",
  "running-success-hooks",
] as const satisfies readonly StateName[];

const nobody = () => undefined;

/** A service whose hooks take a moment, so that a signal meets them at work. */
function configure(): void {
  const hooks = ["before", "after", "success", "failure"].map(
    (stage) => `${stage} "script" { command = "sleep 0.05" }`,
  );
  const health = `health "script" {
    command = "test -f ${host.path("srv/web/healthy")}"
    interval = "30ms"
    timeout = "5s"
    deadline = "2s"
  }`;
  host.configure(service(host, "web", [...hooks, health].join("\n")).replace("200ms", "1h"));
}

function upload(version: number, healthy: boolean): void {
  const text = String(version);
  host.upload("web", { version: text, again: text, ...(healthy && { healthy: "" }) });
}

/** Asks for an update and sends the signal as soon as the agent says that it entered the state. */
async function interrupt(agent: RunningAgent, state: StateName, signal: NodeJS.Signals) {
  let met = false;
  const began = performance.now();
  const asked = agent.operations.update("web", (event) => {
    if (event.type !== "state" || event.state !== state || met) return;
    met = true;
    agent.child.kill(signal);
  });
  const result = await asked.catch((thrown) => thrown);
  assert.ok(met, `the state ${state} was not reached: ${JSON.stringify(result)}`);
  const ended = await agent.ended;
  return { ...ended, took: performance.now() - began };
}

/** The agent after the restart, once nothing is open any more; the destination is one whole release all the time. */
async function settledAgent(): Promise<RunningAgent> {
  const agent = await host.start();
  await until("nothing is open", async () => {
    assert.equal(host.read("srv/web/version"), host.read("srv/web/again"), "the destination is one whole release");
    const [status] = await agent.operations.status("web");
    const continued = agent.log().includes("an open update is continued");
    return status?.state === "idle" && (!continued || agent.log().includes("an update ended"));
  });
  return agent;
}

test("an agent killed in any state of an update ends it after the restart", async () => {
  configure();
  upload(0, true);
  let agent = await host.start();
  await agent.operations.update("web", nobody);
  for (const [index, state] of goodPath.entries()) {
    upload(index + 1, true);

    const { signal } = await interrupt(agent, state, "SIGKILL");
    agent = await settledAgent();
    await agent.operations.update("web", nobody);

    assert.equal(signal, "SIGKILL", state);
    assert.equal(host.read("srv/web/version"), String(index + 1), state);
    const [last] = await agent.operations.history("web", 1);
    assert.equal(last?.outcome, "updated", state);
  }
});

test("an agent killed in any state of a rollback ends it after the restart, and remembers what was bad", async () => {
  configure();
  upload(0, true);
  let agent = await host.start();
  await agent.operations.update("web", nobody);
  for (const [index, state] of badPath.entries()) {
    upload(index + 1, false);

    await interrupt(agent, state, "SIGKILL");
    agent = await settledAgent();

    assert.equal(host.read("srv/web/version"), "0", state);
    const [last] = await agent.operations.history("web", 1);
    assert.equal(last?.outcome, "rolled-back", state);
    assert.equal((await agent.operations.check("web"))[0]?.outcome, "refused", state);
  }
});

test("SIGTERM in any state ends the agent soon and cleanly, and nothing is lost", async () => {
  configure();
  upload(0, true);
  let agent = await host.start();
  await agent.operations.update("web", nobody);
  for (const [index, state] of stopped.entries()) {
    upload(index + 1, true);

    const { code, took } = await interrupt(agent, state, "SIGTERM");
    agent = await settledAgent();
    await agent.operations.update("web", nobody);

    assert.equal(code, 0, state);
    assert.ok(took < 10_000, `${state}: the stop took ${took} ms`);
    assert.equal(host.read("srv/web/version"), String(index + 1), state);
    const [last] = await agent.operations.history("web", 1);
    assert.equal(last?.outcome, "updated", state);
  }
});

test("a second SIGTERM ends the agent at once", async () => {
  upload(0, true);
  host.configure(service(host, "web", 'before "script" { command = "sleep 60" }'));
  const agent = await host.start();
  await until("it waits in its hook", async () => {
    return (await agent.operations.status("web"))[0]?.state === "running-before-hooks";
  });

  agent.child.kill("SIGTERM");
  await until("the stop began", () => agent.log().includes("the agent stops"));
  const began = performance.now();
  const { signal } = await agent.end("SIGTERM");

  assert.equal(signal, "SIGTERM");
  assert.ok(performance.now() - began < 3_000);
});

test("--once tells by its exit code how the update ended that a killed agent left open", async () => {
  configure();
  upload(0, true);
  const agent = await host.start();
  await agent.operations.update("web", nobody);
  upload(1, false);
  await interrupt(agent, "switching-back", "SIGKILL");

  const child = host.spawn("--once");
  child.stderr?.resume();
  const [code] = await once(child, "exit");

  assert.equal(code, exitCodes["rolled-back"]);
  assert.equal(host.read("srv/web/version"), "0");
});
