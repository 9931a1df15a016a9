import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { day, ours, theirs } from "../domain/publishing/fixture.ts";
import { createPublisher, folderShelf, type Publisher } from "../publish/follow/publisher.ts";
import { createHost, type Host, type RunningAgent, until } from "./fixture.ts";

/** A service that follows what lies in `store/web` into `srv/<name>`, and notes what its hook is told. */
function followed(host: Host, name: string, wanted: string, more = ""): string {
  return `
service "${name}" {
  checkInterval = "100ms"
  artifact "file" {
    path = "${host.path("store/web")}"
    ${wanted}
    application = "web"
    destination = "${host.path(`srv/${name}`)}"
  }
  after "script" { command = "echo $DROPSHIP_VERSION $DROPSHIP_PREVIOUS_VERSION >> ${host.path(`${name}.notes`)}" }
  ${more}
}
`;
}

const trust = `trust { key = "${ours.publicKey.text}" }`;
const files = (version: string) => ({ "version.txt": version });
const runs = (host: Host, name: string) => host.read(`srv/${name}/version.txt`);

describe("an agent that follows a channel:", () => {
  let host: Host;
  let agent: RunningAgent;
  let publisher: Publisher;
  before(async () => {
    host = createHost();
    publisher = createPublisher(folderShelf(host.path("store/web")), { key: ours });
    for (const version of ["1.4.1", "1.4.2"]) await publisher.push(version, files(version));
    await publisher.promote("1.4.1");
    host.configure(followed(host, "web", 'channel = "stable"', trust));
    agent = await host.start();
    await running("1.4.1");
  });
  after(() => host.clean());

  const running = (version: string) =>
    until(`${version} runs`, async () => {
      const [status] = await agent.operations.status("web");
      return runs(host, "web") === version && status?.state === "idle" && status.running?.version === version;
    });
  const failing = (code: string) =>
    until(`the check fails with ${code}`, async () => {
      const [status] = await agent.operations.status("web");
      return status?.lastCheck?.failure?.code === code && status;
    });

  test("takes what is promoted, forwards and back, and tells its hooks which version it is", async () => {
    await publisher.promote("1.4.2");
    await running("1.4.2");
    await publisher.promote("1.4.1");
    await running("1.4.1");
    await publisher.promote("1.4.2");
    await running("1.4.2");

    const notes = host.read("web.notes")?.trim().split("\n");
    const forth = "1.4.2 1.4.1";
    assert.deepEqual(notes, ["1.4.1", forth, "1.4.1 1.4.2", forth]);
    const [last] = await agent.operations.history("web", 1);
    assert.match(last?.target?.id ?? "", /^1\.4\.2-[0-9a-f]{12}$/);
    const [status] = await agent.operations.status("web");
    assert.equal(status?.wanted?.version, "1.4.2");
  });

  test("fetches nothing that it has already: the way back needs no content in the repository", async () => {
    const log = agent.log().split("\n");
    const fetched = log.filter((line) => line.includes('"fetched"') && line.includes("a state of the update ended"));
    const kept = log.filter((line) => line.includes('"kept"'));
    assert.deepEqual([fetched.length, kept.length], [2, 2]);
  });

  test("leaves what runs alone when a document is bad, says so once, and goes on when it is good again", async () => {
    const document = publisher.channel();
    const before = agent.log().length;
    await publisher.place("channels/stable", document, theirs);
    await failing("document-key-unknown");
    const said = () =>
      agent
        .log()
        .slice(before)
        .match(/"event":"the check (still )?fail|the check failed/g)?.length ?? 0;
    const one = said();
    const at = (await agent.operations.status("web"))[0]?.lastCheck?.at ?? 0;
    await until(
      "it was checked again",
      async () => ((await agent.operations.status("web"))[0]?.lastCheck?.at ?? 0) > at,
    );

    assert.equal(one, 1);
    assert.equal(said(), 1);
    assert.equal(runs(host, "web"), "1.4.2");
    await publisher.place("channels/stable", document);
    await until(
      "it works again",
      async () => (await agent.operations.status("web"))[0]?.lastCheck?.failure === undefined,
    );
  });

  test("is bound by what it took before the agent was started anew", async () => {
    const old = { ...publisher.channel(), sequence: 1, created: Date.now() - day };
    await agent.end();
    await publisher.place("channels/stable", old);
    agent = await host.start();
    await failing("document-older");

    assert.equal(runs(host, "web"), "1.4.2");
    await publisher.place("channels/stable", publisher.channel());
    await until(
      "it works again",
      async () => (await agent.operations.status("web"))[0]?.lastCheck?.failure === undefined,
    );
  });

  test("follows another channel once it is told to, whose numbers are lower", async () => {
    await publisher.promote("1.4.1", "beta");
    host.configure(followed(host, "web", 'channel = "beta"', trust));
    await agent.operations.reload();
    await running("1.4.1");
    host.configure(followed(host, "web", 'version = "~> 1.4"', trust));
    await agent.operations.reload();
    await running("1.4.2");
    host.configure(followed(host, "web", 'version = "1.4.1"', trust));
    await agent.operations.reload();
    await running("1.4.1");
    host.configure(followed(host, "web", 'channel = "stable"', trust));
    await agent.operations.reload();
    await running("1.4.2");
  });

  test("takes a release that went bad here no more, whichever document leads to it, until somebody says retry", async () => {
    const sick = `health "script" { command = "test $DROPSHIP_VERSION != 2.0.0 -o -e ${host.path("well")}", interval = "20ms", deadline = "300ms", passes = 1 }`;
    host.configure(followed(host, "web", 'channel = "stable"', `${trust}\n${sick}`));
    await agent.operations.reload();
    await publisher.push("2.0.0", files("2.0.0"));
    await publisher.promote("2.0.0");
    await until("it went back", async () => (await agent.operations.history("web", 1))[0]?.outcome === "rolled-back");
    await running("1.4.2");
    await publisher.promote("1.4.1");
    await running("1.4.1");
    await publisher.promote("2.0.0");
    const [report] = await agent.operations.check("web");
    assert.equal(report?.outcome, "refused");
    assert.equal(runs(host, "web"), "1.4.1");

    writeFileSync(host.path("well"), "");
    await agent.operations.retry("web", () => undefined);
    await running("2.0.0");
  });
});

test("two services of one host follow two majors of one application, signed or not", async () => {
  const host = createHost();
  try {
    const publisher = createPublisher(folderShelf(host.path("store/web")), {});
    for (const version of ["1.9.0", "2.0.0", "2.1.0"]) await publisher.push(version, files(version));
    await publisher.promote("2.0.0");
    host.configure(followed(host, "one", 'version = "~> 1.0"') + followed(host, "two", 'channel = "stable"'));
    const agent = await host.start();
    await until("both run", () => runs(host, "one") === "1.9.0" && runs(host, "two") === "2.0.0");
    await publisher.push("1.10.0", files("1.10.0"));
    await publisher.promote("2.1.0");
    await until("both follow", () => runs(host, "one") === "1.10.0" && runs(host, "two") === "2.1.0");
    assert.match(agent.log(), /"to":"1\.10\.0"/);
  } finally {
    await host.clean();
  }
});
