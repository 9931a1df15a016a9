import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { rackspace } from "../../../src/drivers/repositories/rackspace.ts";
import { repositoryContract } from "../../contracts/repository.ts";
import { type FakeKeystoneV2, startFakeKeystoneV2 } from "../../servers/fake-keystone-v2.ts";
import { type Swift, startSwift } from "../../servers/swift.ts";
import { openStore } from "./swift-store.ts";
import { made, makeWorld, type World } from "./world.ts";

const never = new AbortController().signal;

repositoryContract("rackspace (its identity service is a fake; the storage is a real Swift)", async () => {
  const swift = await startSwift();
  const fake = await startFakeKeystoneV2(swift);
  const { authUrl, user, apiKey: key, region } = fake;
  const store = await openStore(swift, "box");
  return {
    repository: (path, ports) =>
      made(rackspace, { authUrl, user, key, region, insecure: true }, { bucket: "box", path }, ports),
    put: async (path, content) => void (await store.send("PUT", `box/${path}`, content)),
    remove: async (path) => void (await store.send("DELETE", `box/${path}`)),
    secrets: [key, store.token],
    async [Symbol.asyncDispose]() {
      await fake[Symbol.asyncDispose]();
      await swift.stop();
    },
  };
});

describe("rackspace", () => {
  let swift: Swift;
  let fake: FakeKeystoneV2;
  let world: World;
  before(async () => {
    swift = await startSwift();
    fake = await startFakeKeystoneV2(swift);
    await (await openStore(swift, "box")).send("PUT", "box/object", "x");
    world = await makeWorld();
  });
  after(async () => {
    await world[Symbol.asyncDispose]();
    await fake[Symbol.asyncDispose]();
    await swift.stop();
  });

  const repositoryOf = (options: object = {}) => {
    const { authUrl, user, apiKey: key } = fake;
    return made(
      rackspace,
      { authUrl, user, key, insecure: true, ...options },
      { bucket: "box", path: "object" },
      world.ports,
    );
  };

  test("takes the user's own region when none is named", async () => {
    assert.equal((await repositoryOf().check(undefined, never)).outcome, "found");
  });

  test("goes to the region that is named", async () => {
    await assert.rejects(repositoryOf({ region: fake.otherRegion }).check(undefined, never), {
      code: "connection-failed",
    });
  });

  test("names a wrong API key", async () => {
    await assert.rejects(repositoryOf({ key: "wrong" }).check(undefined, never), { code: "identity-rejected" });
  });

  test("asks Rackspace's own identity service unless told otherwise", () => {
    assert.equal(rackspace.options.authUrl.default, "https://identity.api.rackspacecloud.com/v2.0");
  });

  test("does not send a token without encryption to where the identity service says", async () => {
    assert.throws(() => repositoryOf({ insecure: false }), { code: "repository-misconfigured" });
  });
});
