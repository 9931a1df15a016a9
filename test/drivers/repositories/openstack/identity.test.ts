import assert from "node:assert/strict";
import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { after, before, describe, test } from "node:test";
import { AskedToWait } from "../../../../src/domain/retry.ts";
import { secured } from "../../../../src/drivers/repositories/openstack/encryption.ts";
import {
  authenticateV1,
  authenticateV2,
  authenticateV3,
  type Identity,
} from "../../../../src/drivers/repositories/openstack/identity.ts";
import { makeWorld, type World } from "../world.ts";

/** An identity service that answers whatever a test says: odd answers cannot be had from a real one. */
let answerWith: RequestListener;
let server: Server;
let world: World;
let identity: Identity;

before(async () => {
  server = createServer((request, answer) => answerWith(request, answer));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  world = await makeWorld();
  const { port } = server.address() as AddressInfo;
  const address = `http://127.0.0.1:${port}/v3`;
  identity = { address, authorities: async () => undefined, ports: world.ports };
});
after(async () => {
  await world[Symbol.asyncDispose]();
  server.close();
});

const anywhere = { region: undefined, interface: "public" };
const store = "https://store.example.com/v1/AUTH_a";
const tokenV3 = (times: object) => ({
  token: {
    ...times,
    catalog: [
      { type: "identity", endpoints: [{ interface: "public", region: "R", url: "https://identity.example.com" }] },
      { type: "object-store", endpoints: [{ interface: "public", region_id: "R", url: `${store}/` }] },
    ],
  },
});
const json = (body: unknown, headers = {}): void => {
  answerWith = (_, answer) => answer.writeHead(201, headers).end(JSON.stringify(body));
};

describe("an identity service", () => {
  test("tells how long a token lives by its own clock: this host's may be wrong", async () => {
    const times = { issued_at: "2001-01-01T00:00:00.000000Z", expires_at: "2001-01-01T01:00:00.000000Z" };
    json(tokenV3(times), { "x-subject-token": "t" });

    assert.deepEqual(await authenticateV3(identity, {}, anywhere), { token: "t", storage: store, life: 3_600_000 });
  });

  test("that does not say when it issued a token dates its answer", async () => {
    const access = {
      token: { id: "t", expires: "2001-01-01T00:10:00Z" },
      serviceCatalog: [{ type: "object-store", endpoints: [{ region: "R", publicURL: store }] }],
    };
    json({ access }, { date: "Mon, 01 Jan 2001 00:00:00 GMT" });

    assert.deepEqual(await authenticateV2(identity, {}, anywhere), { token: "t", storage: store, life: 600_000 });
  });

  test("may leave the end of a token open", async () => {
    answerWith = (_, answer) => answer.writeHead(204, { "x-auth-token": "t", "x-storage-url": store }).end();

    assert.deepEqual(await authenticateV1(identity, "u", "k"), { token: "t", storage: store });
  });

  for (const [what, answer] of [
    ["no JSON", "<html>"],
    ["JSON that is no object", "3"],
    ["an object without a token", "{}"],
    ["a null", "null"],
  ] as const) {
    test(`that sends ${what} is named`, async () => {
      answerWith = (_, sent) => sent.writeHead(200, { "x-subject-token": "t" }).end(answer);

      await assert.rejects(authenticateV3(identity, {}, anywhere), { code: "answer-malformed" });
      await assert.rejects(authenticateV2(identity, {}, anywhere), { code: "answer-malformed" });
      await assert.rejects(authenticateV1(identity, "u", "k"), { code: "answer-malformed" });
    });
  }

  test("cannot fill the memory", async () => {
    answerWith = (_, answer) => answer.writeHead(200, { "x-subject-token": "t" }).end(" ".repeat(5_000_000));

    await assert.rejects(authenticateV3(identity, {}, anywhere), { code: "answer-too-long" });
  });

  test("that is overloaded says how long to wait", async () => {
    answerWith = (_, answer) => answer.writeHead(503, { "retry-after": "7" }).end();

    await assert.rejects(authenticateV3(identity, {}, anywhere), (error: Error & { code?: string }) => {
      assert.equal(error.code, "store-busy");
      assert.ok(error.cause instanceof AskedToWait && error.cause.wait === 7000);
      return true;
    });
  });

  for (const [status, code] of [
    [401, "identity-rejected"],
    [403, "identity-rejected"],
    [404, "identity-refused"],
    [400, "identity-refused"],
    [300, "store-redirects"],
  ] as const) {
    test(`that answers ${status} is reported as ${code}, without what was sent`, async () => {
      answerWith = (_, answer) => answer.writeHead(status).end("swordfish");

      await assert.rejects(authenticateV1(identity, "u", "swordfish"), (error: Error & { code?: string }) => {
        assert.equal(error.code, code);
        assert.doesNotMatch(error.message, /swordfish/);
        return true;
      });
    });
  }

  test("may not send a token to a store without encryption, unless that is wished", async () => {
    const plain = async () => ({ token: "t", storage: "http://store.example.com/v1/AUTH_a" });

    await assert.rejects(secured(plain, "swift", false)(), {
      code: "repository-misconfigured",
      message: /store\.example/,
    });
    assert.equal((await secured(plain, "swift", true)()).token, "t");
  });
});
