import assert from "node:assert/strict";
import { rmSync, writeFileSync } from "node:fs";
import { after, before, describe, test } from "node:test";
import { day, ours, theirs } from "../domain/publishing/fixture.ts";
import { createPublisher, folderShelf, type Publisher } from "../publish/follow/publisher.ts";
import { createHost, type Host, type RunningAgent, until } from "./fixture.ts";

describe("a running agent keeps what runs, and says why, when in the place of its channel there is", () => {
  let host: Host;
  let agent: RunningAgent;
  let publisher: Publisher;
  before(async () => {
    host = createHost();
    publisher = createPublisher(folderShelf(host.path("store/web")), { key: ours });
    for (const version of ["1.4.1", "1.4.2"]) await publisher.push(version, { "version.txt": version });
    await publisher.promote("1.4.1");
    await publisher.promote("1.4.2");
    writeFileSync(host.path("web.pub"), ours.publicKey.text);
    host.configure(`
service "web" {
  checkInterval = "100ms"
  artifact "file" {
    path = "${host.path("store/web")}"
    channel = "stable"
    application = "web"
    destination = "${host.path("srv/web")}"
  }
  trust { key = file("${host.path("web.pub")}") }
}
`);
    agent = await host.start();
    await until("1.4.2 runs", async () => host.read("srv/web/version.txt") === "1.4.2");
  });
  after(() => host.clean());

  const document = () => publisher.channel();
  const old = () => ({ ...document(), release: publisher.release("1.4.1").release });
  const cases: Readonly<Record<string, readonly [code: string, put: () => Promise<unknown>]>> = {
    "row 37: a document that nobody signed": [
      "document-unsigned",
      () => publisher.place("channels/stable", old(), "nobody"),
    ],
    "row 37: one of a key that is not trusted": [
      "document-key-unknown",
      () => publisher.place("channels/stable", old(), theirs),
    ],
    "row 41: what is no document": [
      "document-signature-unreadable",
      async () => folderShelf(host.path("store/web")).put("channels/stable", Buffer.from("<html>404</html>")),
    ],
    "row 42: an older one": ["document-older", () => publisher.place("channels/stable", { ...old(), sequence: 1 })],
    "row 43: one whose time is over": [
      "document-expired",
      () =>
        publisher.place("channels/stable", {
          ...old(),
          sequence: 3,
          created: Date.now() - 2 * day,
          expires: Date.now() - day,
        }),
    ],
    "row 44: one with a number near the end of all numbers": [
      "document-jumped",
      () => publisher.place("channels/stable", { ...old(), sequence: Number.MAX_SAFE_INTEGER }),
    ],
    "row 45: one of another service": [
      "document-misplaced",
      () => publisher.place("channels/stable", { ...old(), service: "shop", sequence: 3 }),
    ],
  };
  for (const [what, [code, put]] of Object.entries(cases)) {
    test(what, async () => {
      const good = document();

      await put();
      const status = await until(`the check fails with ${code}`, async () => {
        const [found] = await agent.operations.status("web");
        return found?.lastCheck?.failure?.code === code && found;
      });

      assert.equal(status.running?.version, "1.4.2");
      assert.equal(host.read("srv/web/version.txt"), "1.4.2");
      await publisher.place("channels/stable", good);
      await until("the check is good again", async () => {
        const [found] = await agent.operations.status("web");
        return found?.lastCheck?.failure === undefined;
      });
    });
  }

  test("row 38: no key any more, for the file of it is empty or gone: a reload is refused, and the old key stays", async () => {
    const spoilt = [() => writeFileSync(host.path("web.pub"), ""), () => rmSync(host.path("web.pub"))];
    for (const spoil of spoilt) {
      spoil();
      const { outcome } = await agent.operations.reload().then(
        () => ({ outcome: "reloaded" }),
        (error: Error) => ({ outcome: error.message }),
      );

      assert.match(outcome, /web\.pub|"key"/);
    }
    await publisher.place("channels/stable", { ...document(), sequence: 3 }, theirs);
    await until("what another signed is refused", async () => {
      const [found] = await agent.operations.status("web");
      return found?.lastCheck?.failure?.code === "document-key-unknown";
    });
    assert.equal(host.read("srv/web/version.txt"), "1.4.2");
  });
});
