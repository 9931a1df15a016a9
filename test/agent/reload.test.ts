import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { setTimeout } from "node:timers/promises";
import { createHost, type Host, type RunningAgent, service, until } from "./fixture.ts";

let host: Host;

beforeEach(() => {
  host = createHost();
});

afterEach(() => host.clean());

const nobody = () => undefined;

async function names({ operations }: RunningAgent) {
  return (await operations.status()).map((status) => status.service).toSorted();
}

test("SIGHUP starts what was added, changes what was changed and lets go of what was removed", async () => {
  host.upload("one", { version: "1" });
  host.upload("two", { version: "2" });
  host.upload("other", { version: "other" });
  host.configure(service(host, "one") + service(host, "gone"));
  const agent = await host.start();
  await until("it runs", () => host.read("srv/one/version") === "1");

  host.configure(service(host, "one", "", "other") + service(host, "two"));
  agent.child.kill("SIGHUP");

  await until("the added one runs", () => host.read("srv/two/version") === "2");
  await until("the changed one follows its new object", () => host.read("srv/one/version") === "other");
  assert.deepEqual(await names(agent), ["one", "two"]);
});

test("a storm of SIGHUP ends with the configuration as it is then", async () => {
  host.upload("one", { version: "1" });
  host.configure(service(host, "one"));
  const agent = await host.start();

  for (let storm = 0; storm < 50; storm += 1) {
    host.configure(service(host, "one") + service(host, `s${storm}`));
    agent.child.kill("SIGHUP");
    await setTimeout(5);
  }

  await until("the last one counts", async () => (await names(agent)).join() === "one,s49");
  await until("the agent still looks", () => host.read("srv/one/version") === "1");
});

test("a service that is given another destination is installed there", async () => {
  host.upload("one", { version: "1" });
  host.configure(service(host, "one"));
  const agent = await host.start();
  await until("it runs", async () => (await agent.operations.history("one", 1))[0]?.outcome === "updated");

  host.configure(service(host, "one").replace(host.path("srv/one"), host.path("srv/moved")));
  await agent.operations.reload();

  await until("it runs there", () => host.read("srv/moved/version") === "1");
});

test("a bad configuration keeps the last good one and says so", async () => {
  host.upload("one", { version: "1" });
  host.configure(service(host, "one"));
  const agent = await host.start();

  host.configure(`${service(host, "one")} service "two" { checkIntervall = "1s" `);
  agent.child.kill("SIGHUP");
  await until("it is said", () => agent.log().includes("the last good one stays"));
  await assert.rejects(agent.operations.reload());

  assert.deepEqual(await names(agent), ["one"]);
  host.configure(service(host, "two"));
  const read = await agent.operations.reload();
  assert.deepEqual(
    read.services.map(({ name }) => name),
    ["two"],
  );
  assert.deepEqual(await names(agent), ["two"]);
});

test("a service that is removed in the middle of an update ends it first; one that comes back meanwhile goes on", async () => {
  const go = host.path("go");
  const hooks = (text: string) => `
    before "script" { command = "while ! test -f ${go}; do sleep 0.05; done" }
    after "script" { command = "echo ${text} > ${host.path("after")}" }`;
  host.upload("web", { version: "1" });
  host.configure(service(host, "web", hooks("old settings")) + service(host, "rest"));
  const agent = await host.start();
  await until("it waits in its before hook", async () => {
    const all = await agent.operations.status();
    return all.some(({ state }) => state === "running-before-hooks");
  });

  host.configure(service(host, "rest"));
  await agent.operations.reload();
  host.configure(service(host, "web", hooks("new settings")) + service(host, "rest"));
  await agent.operations.reload();
  host.configure(service(host, "rest"));
  await agent.operations.reload();
  assert.deepEqual(await names(agent), ["rest"]);
  writeFileSync(go, "");

  await until("the update ended", () => agent.log().includes('"outcome":"updated"'));
  await until("it is let go of", () => agent.log().includes("a service was removed"));
  assert.equal(host.read("srv/web/version"), "1");
  assert.equal(host.read("after"), "old settings\n");
});

test("a rollback is refused in the middle of a switch, and done after it", async () => {
  const go = host.path("go");
  host.upload("web", { version: "1" });
  const hook = `before "script" { command = "while test -f ${go}; do sleep 0.05; done" }`;
  host.configure(service(host, "web", hook));
  const agent = await host.start();
  const { operations } = agent;
  await until("one", async () => (await operations.history("web", 9)).length === 1);
  host.upload("web", { version: "2" });
  await until("two", async () => (await operations.history("web", 9)).length === 2);
  writeFileSync(go, "");
  host.upload("web", { version: "3" });
  await until("the third waits in its before hook", async () => {
    return (await operations.status("web"))[0]?.state === "running-before-hooks";
  });

  await assert.rejects(operations.rollback("web", undefined, nobody), { code: "service-busy" });

  rmSync(go);
  await until("three", async () => (await operations.history("web", 9)).length === 3);
  assert.equal((await operations.rollback("web", undefined, nobody)).outcome, "updated");
  assert.equal(host.read("srv/web/version"), "2");
});
