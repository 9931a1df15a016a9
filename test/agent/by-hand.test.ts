import assert from "node:assert/strict";
import { mkdirSync, readdirSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { afterEach, beforeEach, test } from "node:test";
import { createHost, type Host, type RunningAgent, service, until } from "./fixture.ts";

let host: Host;

beforeEach(() => {
  host = createHost();
});

afterEach(() => host.clean());

const nobody = () => undefined;

async function deployed(versions: readonly string[], more = ""): Promise<RunningAgent> {
  host.configure(service(host, "web", more));
  const agent = await host.start();
  for (const version of versions) {
    host.upload("web", { version });
    await until(`version ${version} is updated`, async () => {
      const [last] = await agent.operations.history("web", 1);
      return last?.outcome === "updated" && host.read("srv/web/version") === version;
    });
  }
  return agent;
}

function times(log: string, event: string): number {
  return log.split(event).length - 1;
}

test("a destination that is taken away while the agent looks on is put back by itself, and said once", async () => {
  const agent = await deployed(["1"]);

  rmSync(host.path("srv/web"));
  await until("it is back", () => host.read("srv/web/version") === "1");

  await until("the update ended", async () => (await agent.operations.history("web", 9)).length === 2);
  assert.equal(times(agent.log(), "the destination was taken away"), 1);
});

test("a folder in the place of the destination is told of, and kept when an update comes", async () => {
  const agent = await deployed(["1"]);

  rmSync(host.path("srv/web"));
  mkdirSync(host.path("srv/web"));
  writeFileSync(host.path("srv/web/precious"), "by hand");
  await until("it is said", () => agent.log().includes("was not put there by Dropship"));
  await until("another check ended", async () => (await agent.operations.check("web"))[0]);

  const [status] = await agent.operations.status("web");
  assert.equal(status?.foreign, "folder");
  assert.equal(status?.running, undefined);
  assert.equal(times(agent.log(), "was not put there by Dropship"), 1);
  assert.equal(host.read("srv/web/precious"), "by hand", "nothing is touched while nothing changes");
});

test("pin and rollback start from what really stands at the destination", async () => {
  const agent = await deployed(["1", "2"]);
  await agent.operations.pause("web");
  const [first, second] = await agent.operations.releases("web");
  assert.ok(first && second);

  rmSync(host.path("srv/web"));
  const pinned = await agent.operations.pin("web", second.id, nobody);
  assert.equal(pinned?.outcome, "updated");
  assert.equal(host.read("srv/web/version"), "2");

  await agent.operations.rollback("web", undefined, nobody);
  const [status] = await agent.operations.status("web");
  assert.equal(host.read("srv/web/version"), "1");
  assert.equal(status?.pinned, first.id, "the pin goes where the operator goes");
});

test("going to the release that runs already denies no other", async () => {
  const agent = await deployed(["1", "2"]);
  const [first, second] = await agent.operations.releases("web");

  await agent.operations.rollback("web", second?.id, nobody);
  const [status] = await agent.operations.status("web");
  assert.deepEqual(status?.denied, []);

  const back = await agent.operations.rollback("web", undefined, nobody);
  assert.equal(back.target?.id, first?.id);
});

test("a release that stands there since an update broke is proved by retry, which starts it once more", async () => {
  const sick = host.path("sick");
  const log = host.path("hooks.log");
  const agent = await deployed(
    ["1"],
    `after "script" { command = "test ! -e ${sick} && echo $DROPSHIP_RELEASE >> ${log}" }`,
  );
  writeFileSync(sick, "");
  host.upload("web", { version: "2" });
  await until("the update broke", async () => (await agent.operations.history("web", 1))[0]?.outcome === "broken");
  rmSync(sick);
  const second = (await agent.operations.releases("web")).find(({ current }) => !current);
  assert.ok(second);

  rmSync(host.path("srv/web"));
  symlinkSync(`.dropship/web/${second.id}`, host.path("srv/web"));
  await until("it is seen", () => agent.log().includes("another release stands at the destination"));
  const [status] = await agent.operations.status("web");
  assert.equal(status?.running?.id, second.id);
  const [proved] = await agent.operations.retry("web", nobody);

  assert.equal(proved?.outcome, "updated");
  assert.equal(host.read("hooks.log")?.trim().split("\n").at(-1), second.id);
  assert.equal(host.read("srv/web/version"), "2");
  const [after] = await agent.operations.retry("web", nobody);
  assert.equal(after?.outcome, "up-to-date", "what proved good is left alone");
});

test("hash does not keep the first release from a host where nothing stands", async () => {
  host.upload("web", { version: "1" });
  const { ino, mtimeNs, ctimeNs, size } = statSync(host.path("store/web.tar.gz"), { bigint: true });
  const etag = [ino, mtimeNs, ctimeNs, size].map((part) => part.toString(16)).join("-");
  host.configure(service(host, "web", `hash = "${etag}"`));

  const agent = await host.start();
  await until("it is installed", () => host.read("srv/web/version") === "1");

  const [update] = await agent.operations.update("web", nobody);
  assert.equal(update?.outcome, "up-to-date");
});

test("pause ends an update that has touched nothing, and lets one that is switching end", async () => {
  const agent = await deployed(["1"], `before "script" { command = "sleep 0.5" }`);
  host.upload("web", { version: "2" });
  const states: string[] = [];

  const [ended] = await agent.operations.update("web", (event) => {
    if (event.type !== "state") return;
    states.push(event.state);
    if (event.state === "running-before-hooks") void agent.operations.pause("web");
  });

  assert.equal(ended?.outcome, "updated");
  assert.equal((await agent.operations.status("web"))[0]?.paused, true);
  host.upload("web", { version: "3" });
  assert.equal((await agent.operations.check("web"))[0]?.outcome, "paused");
});

test("an artifact block that names another file of the same service takes that one", async () => {
  const agent = await deployed(["1"]);
  host.upload("other", { version: "other" });

  host.configure(service(host, "web", "", "other"));
  await agent.operations.reload();
  await until("the other one runs", () => host.read("srv/web/version") === "other");

  const [status] = await agent.operations.status("web");
  assert.equal(status?.artifact, host.path("store/other.tar.gz"));
  assert.deepEqual(readdirSync(host.path("srv/.dropship")), ["web"]);
});
