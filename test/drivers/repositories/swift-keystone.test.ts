import assert from "node:assert/strict";
import { after, before, describe, test } from "node:test";
import { swift } from "../../../src/drivers/repositories/swift.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { repositoryContract } from "../../contracts/repository.ts";
import { waitUntil } from "../../platform/process-watch.ts";
import { type KeystoneSwift, startKeystoneSwift, startSwift } from "../../servers/swift.ts";
import { noting, openKeystoneStore, openStore, type SwiftStore } from "./swift-store.ts";
import { made, makeWorld, type World } from "./world.ts";

const never = new AbortController().signal;

/** One Keystone for all tests of this file. */
let server: Promise<KeystoneSwift> | undefined;
function sharedKeystone(): Promise<KeystoneSwift> {
  server ??= startKeystoneSwift();
  return server;
}
after(async () => (await server)?.stop());

const passwordOf = ({ authUrl, user, password: key, project }: KeystoneSwift) => ({
  authUrl,
  user,
  key,
  project,
  insecure: true,
});

repositoryContract("swift (a real Keystone v3)", async () => {
  const keystone = await sharedKeystone();
  const store = await openKeystoneStore(keystone, "contract");
  return {
    repository: (path, ports) => made(swift, passwordOf(keystone), { bucket: "contract", path }, ports),
    put: async (path, content) => void (await store.send("PUT", `contract/${path}`, content)),
    remove: async (path) => void (await store.send("DELETE", `contract/${path}`)),
    secrets: [keystone.password, store.token],
    async [Symbol.asyncDispose]() {},
  };
});

describe("Keystone v3", () => {
  let keystone: KeystoneSwift;
  let store: SwiftStore;
  let world: World;
  before(async () => {
    keystone = await sharedKeystone();
    store = await openKeystoneStore(keystone, "box");
    await store.send("PUT", "box/object", "x");
    world = await makeWorld();
  });
  after(() => world[Symbol.asyncDispose]());

  const repositoryOf = (options: object = {}, ports = world.ports) =>
    made(swift, { ...passwordOf(keystone), ...options }, { bucket: "box", path: "object" }, ports);
  const check = async (options?: object) => (await repositoryOf(options).check(undefined, never)).outcome;

  /** Something of Keystone's own interface, as its administrator uses it. */
  async function administer<Answer>(method: string, path: string, body?: object, headers = {}): Promise<Answer> {
    const answer = await fetch(`${keystone.authUrl}/${path}`, {
      method,
      headers: { "x-auth-token": store.token, "content-type": "application/json", ...headers },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${text}`);
    return (text === "" ? {} : JSON.parse(text)) as Answer;
  }

  const tokens = () =>
    administer<{ token: { user: { id: string }; project: { id: string } } }>("GET", "auth/tokens", undefined, {
      "x-subject-token": store.token,
    });

  test("takes user and project by name in named domains, and the project by id", async () => {
    const { token } = await tokens();

    assert.equal(await check({ userDomain: keystone.domainName, projectDomain: keystone.domainName }), "found");
    assert.equal(await check({ project: undefined, projectId: token.project.id }), "found");
    assert.equal(await check({ authUrl: keystone.authUrl.replace(/\/v3$/, "/") }), "found");
  });

  test("takes an application credential", async () => {
    const { token } = await tokens();
    const made = await administer<{ application_credential: { id: string; secret: string } }>(
      "POST",
      `users/${token.user.id}/application_credentials`,
      { application_credential: { name: "dropship" } },
    );
    const { id: applicationCredential, secret: applicationSecret } = made.application_credential;
    const without = { user: undefined, key: undefined, project: undefined };

    assert.equal(await check({ ...without, applicationCredential, applicationSecret }), "found");
    await assert.rejects(check({ ...without, applicationCredential, applicationSecret: "wrong" }), {
      code: "identity-rejected",
    });
  });

  test("names the store's address in the wanted region, and for the wanted interface", async () => {
    const { services } = await administer<{ services: { id: string; type: string }[] }>("GET", "services");
    const { id: service_id } = services.find(({ type }) => type === "object-store")!;
    await administer("POST", "regions", { region: { id: "RegionTwo" } });
    await administer("POST", "endpoints", {
      endpoint: {
        interface: "public",
        region: "RegionTwo",
        service_id,
        url: "http://127.0.0.1:1/v1/AUTH_%(tenant_id)s",
      },
    });

    assert.equal(await check({ region: keystone.region }), "found");
    assert.equal(await check({ region: "regionone", interface: "internal" }), "found");
    await assert.rejects(check({ region: "RegionTwo" }), { code: "connection-failed" });
    await assert.rejects(check({ region: "RegionThree" }), {
      code: "endpoint-missing",
      message: /in the region RegionThree; regions that have one: Region(One, RegionTwo|Two, RegionOne)\./,
    });
    await assert.rejects(check({}), { code: "endpoint-missing" });
    await assert.rejects(check({ interface: "admin" }), { code: "endpoint-missing", message: /have one: none/ });
  });

  test("may revoke a token: it is renewed once, and the check goes on", async () => {
    const { ports, requests } = noting(world.ports);
    const repository = repositoryOf({ region: keystone.region }, ports);
    await repository.check(undefined, never);
    const token = requests.at(-1)!.headers!["x-auth-token"]!;

    await administer("DELETE", "auth/tokens", undefined, { "x-subject-token": token });
    await keystone.forgetTokens();
    requests.length = 0;
    const answer = await repository.check(undefined, never);

    assert.equal(answer.outcome, "found");
    assert.deepEqual(
      requests.map(({ method }) => method),
      ["HEAD", "POST", "HEAD"],
    );
    assert.notEqual(requests.at(-1)!.headers!["x-auth-token"], token);
  });

  for (const [what, options] of [
    ["password", { key: "wrong-swordfish" }],
    ["user", { user: "nobody" }],
    ["project", { project: "nothing" }],
    ["domain", { userDomain: "nowhere" }],
  ] as const) {
    test(`refuses a wrong ${what}, and no secret is in the message`, async () => {
      await assert.rejects(check(options), (error: Error) => {
        assert.equal((error as Error & { code?: string }).code, "identity-rejected");
        assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}`, /swordfish/);
        return true;
      });
    });
  }
});

describe("a token of Swift that lives two seconds", () => {
  test("is replaced by another as often as needed", async () => {
    await using real = await startSwift({ tokenLife: 2 });
    await using world = await makeWorld();
    await waitUntil(async () => {
      // On a busy machine the token may end before the object is there.
      const filled = openStore(real, "box").then((store) => store.send("PUT", "box/object", "x"));
      return await filled.then(
        () => true,
        () => false,
      );
    }, 60_000);
    const { ports, requests } = noting(world.ports);
    const { authUrl, user, key } = real;
    const repository = made(swift, { authUrl, user, key, insecure: true }, { bucket: "box", path: "object" }, ports);

    for (let count = 0; count < 8; count++) {
      assert.equal((await repository.check(undefined, never)).outcome, "found");
      await systemClock.sleep(500);
    }

    assert.ok(requests.filter(({ url }) => url === authUrl).length >= 2);
  });
});
