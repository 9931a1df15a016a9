import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { buffer } from "node:stream/consumers";
import { after, before, describe, test } from "node:test";
import { swift } from "../../../src/drivers/repositories/swift.ts";
import { repositoryContract } from "../../contracts/repository.ts";
import { type FakeKeystoneV2, startFakeKeystoneV2 } from "../../servers/fake-keystone-v2.ts";
import { type Swift, startSwift } from "../../servers/swift.ts";
import { noting, openStore, type SwiftStore } from "./swift-store.ts";
import { made, makeWorld, type World } from "./world.ts";

const never = new AbortController().signal;
const md5 = (content: Uint8Array | string) => createHash("md5").update(content).digest("hex");

/** One server for all tests of this file. */
let server: Promise<Swift> | undefined;
function sharedSwift(): Promise<Swift> {
  server ??= startSwift();
  return server;
}
after(async () => (await server)?.stop());

repositoryContract("swift (authentication v1)", async () => {
  const { authUrl, user, key } = await sharedSwift();
  const store = await openStore(await sharedSwift(), "v1");
  return {
    repository: (path, ports) => made(swift, { authUrl, user, key, insecure: true }, { bucket: "v1", path }, ports),
    put: async (path, content) => void (await store.send("PUT", `v1/${path}`, content)),
    remove: async (path) => void (await store.send("DELETE", `v1/${path}`)),
    secrets: [key, store.token],
    async [Symbol.asyncDispose]() {},
  };
});

repositoryContract("swift (Keystone v2, which is a fake; the storage is real)", async () => {
  const fake = await startFakeKeystoneV2(await sharedSwift());
  const { authUrl, user, password: key, tenant: project, region } = fake;
  const store = await openStore(await sharedSwift(), "v2");
  return {
    repository: (path, ports) =>
      made(swift, { authUrl, user, key, project, region, insecure: true }, { bucket: "v2", path }, ports),
    put: async (path, content) => void (await store.send("PUT", `v2/${path}`, content)),
    remove: async (path) => void (await store.send("DELETE", `v2/${path}`)),
    secrets: [key, store.token],
    [Symbol.asyncDispose]: () => fake[Symbol.asyncDispose](),
  };
});

describe("an object in Swift", () => {
  let real: Swift;
  let store: SwiftStore;
  let world: World;
  before(async () => {
    real = await sharedSwift();
    store = await openStore(real, "box");
    world = await makeWorld();
  });
  after(() => world[Symbol.asyncDispose]());

  const repositoryOf = (path: string, artifact = {}, options = {}, ports = world.ports) =>
    made(
      swift,
      { authUrl: real.authUrl, user: real.user, key: real.key, insecure: true, ...options },
      { bucket: "box", path, ...artifact },
      ports,
    );
  const markerOf = async (path: string) => {
    const answer = await repositoryOf(path).check(undefined, never);
    assert.ok(answer.outcome === "found");
    return answer.marker;
  };
  const fetched = async (path: string) => {
    const marker = await markerOf(path);
    const file = join(world.folder, md5(path));
    return world.download(repositoryOf(path), { marker, file, limit: 1e9, signal: never, onProgress: () => {} });
  };

  test("in one piece states its MD5, and the download is checked against it", async () => {
    const content = randomBytes(100_000);
    await store.send("PUT", "box/plain", content);
    const marker = await markerOf("plain");

    assert.equal(marker.md5, md5(content));
    assert.equal((await fetched("plain")).size, content.length);
    const lying = { ...repositoryOf("plain"), open: repositoryOf("plain").open };
    const wrong = { ...marker, md5: md5("another") };
    const open: typeof lying.open = async (_, from, signal) => ({
      ...(await lying.open(marker, from, signal)),
      marker: wrong,
    });
    const request = { marker: wrong, file: join(world.folder, "lie"), limit: 1e9, signal: never, onProgress: () => {} };
    await assert.rejects(world.download({ ...lying, open }, request), /MD5/);
  });

  test("of segments that a manifest lists (SLO) has no MD5, and is read across its segments", async () => {
    const segments = [randomBytes(300_000), randomBytes(200_000)];
    const content = Buffer.concat(segments);
    for (const [index, segment] of segments.entries()) await store.send("PUT", `box/slo-${index}`, segment);
    const manifest = segments.map((segment, index) => ({ path: `/box/slo-${index}`, etag: md5(segment) }));
    await store.send("PUT", "box/slo?multipart-manifest=put", JSON.stringify(manifest));

    const marker = await markerOf("slo");
    const middle = await repositoryOf("slo").open(marker, 299_990, never);

    assert.match(marker.etag ?? "", /^"[0-9a-f]{32}"$/);
    assert.deepEqual([marker.md5, marker.size], [undefined, 500_000]);
    assert.equal(middle.from, 299_990);
    assert.ok((await buffer(middle.chunks)).equals(content.subarray(299_990)));
    assert.equal((await fetched("slo")).digest, createHash("sha256").update(content).digest("hex"));
    assert.deepEqual(await repositoryOf("slo").check(marker, never), { outcome: "unchanged" });
  });

  test("of segments that share a prefix (DLO) has no MD5, and is another one when a segment changes", async () => {
    const segments = [randomBytes(3000), randomBytes(2000)];
    for (const [index, segment] of segments.entries()) await store.send("PUT", `box/dlo_${index}`, segment);
    await store.send("PUT", "box/dlo", "", { "x-object-manifest": "box/dlo_" });

    const marker = await markerOf("dlo");
    const middle = await repositoryOf("dlo").open(marker, 2990, never);

    assert.deepEqual([marker.md5, marker.size], [undefined, 5000]);
    assert.ok((await buffer(middle.chunks)).equals(Buffer.concat(segments).subarray(2990)));
    assert.deepEqual(await repositoryOf("dlo").check(marker, never), { outcome: "unchanged" });
    await store.send("PUT", "box/dlo_1", randomBytes(2000));
    assert.equal((await repositoryOf("dlo").check(marker, never)).outcome, "found");
    await assert.rejects(repositoryOf("dlo").open(marker, 0, never), { code: "artifact-changed" });
  });

  test("may have a name with blanks, signs, other scripts and dots", async () => {
    for (const key of ["a b+c", "ü/ñ€/𝒳", "~t!'()*", "50%20", "a//b", "q?a=b&c#d", "a=b;c:d@e,f$"]) {
      await store.send("PUT", `box/${key.split("/").map(encodeURIComponent).join("/")}`, key);
    }
    for (const key of ["a b+c", "ü/ñ€/𝒳", "~t!'()*", "50%20", "a//b", "q?a=b&c#d", "a=b;c:d@e,f$"]) {
      const body = await repositoryOf(key).open(await markerOf(key), 0, never);

      assert.equal((await buffer(body.chunks)).toString(), key);
    }
  });

  test("may be written with a slash before it, and keeps the content type it was stored with", async () => {
    await store.send("PUT", "box/typed", "x", { "content-type": "application/x-own" });

    const answer = await repositoryOf("/typed").check(undefined, never);

    assert.equal(repositoryOf("/typed").artifact, "swift://box/typed");
    assert.ok(answer.outcome === "found" && answer.marker.contentType === "application/x-own");
  });

  test("that was stored with an encoding comes as it was uploaded", async () => {
    await store.send("PUT", "box/encoded", "not really gzip", { "content-encoding": "gzip" });

    const body = await repositoryOf("encoded").open(await markerOf("encoded"), 0, never);

    assert.equal((await buffer(body.chunks)).toString(), "not really gzip");
  });

  test("in a container that does not exist is told apart from one that is missing", async () => {
    await assert.rejects(repositoryOf("x", { bucket: "nowhere" }).check(undefined, never), { code: "bucket-missing" });
    await assert.rejects(repositoryOf("x").check(undefined, never), { code: "artifact-missing" });
  });

  test("that the user may not read is refused", async () => {
    await store.send("PUT", "box/private", "x");
    const reader = repositoryOf("private", {}, { user: "test:reader", key: "readonly" });

    await assert.rejects(reader.check(undefined, never), { code: "access-denied" });
  });

  test("a wrong key is named, and is in no message", async () => {
    const wrong = repositoryOf("x", {}, { key: "wrong-swordfish" });

    await assert.rejects(wrong.check(undefined, never), (error: Error) => {
      assert.equal((error as Error & { code?: string }).code, "identity-rejected");
      assert.doesNotMatch(`${error.stack}${JSON.stringify(error)}`, /swordfish/);
      return true;
    });
  });

  test("many services with the same credentials share one token", async () => {
    await store.send("PUT", "box/shared", "x");
    const { ports, requests } = noting(world.ports);

    await Promise.all(Array.from({ length: 20 }, () => repositoryOf("shared", {}, {}, ports).check(undefined, never)));

    assert.equal(requests.filter(({ url }) => url === real.authUrl).length, 1);
    assert.equal(requests.length, 21);
  });

  test("one that stops waiting for a token does not stop the others", async () => {
    await store.send("PUT", "box/shared", "x");
    const { ports } = noting(world.ports);
    const stopped = new AbortController();

    const first = repositoryOf("shared", {}, {}, ports).check(undefined, stopped.signal);
    const second = repositoryOf("shared", {}, {}, ports).check(undefined, never);
    stopped.abort(new Error("stopped by the caller"));

    await assert.rejects(first, { message: "stopped by the caller" });
    assert.equal((await second).outcome, "found");
  });

  test("an identity service that sends elsewhere is not followed", async () => {
    const redirecting = createServer((_, answer) => answer.writeHead(302, { location: real.authUrl }).end());
    await new Promise<void>((resolve) => redirecting.listen(0, "127.0.0.1", resolve));
    try {
      const authUrl = `http://127.0.0.1:${(redirecting.address() as AddressInfo).port}/auth/v1.0`;

      await assert.rejects(repositoryOf("x", {}, { authUrl }).check(undefined, never), { code: "store-redirects" });
    } finally {
      redirecting.close();
    }
  });

  for (const [what, options] of [
    ["credentials without encryption", { insecure: false }],
    ["a user without a key", { key: undefined }],
    ["version 3 without a project", { authVersion: "3" }],
    ["an application credential in version 1", { applicationCredential: "a", applicationSecret: "b" }],
    ["half an application credential", { authVersion: "3", applicationCredential: "a" }],
    [
      "an application credential beside a user",
      { authVersion: "3", applicationCredential: "a", applicationSecret: "b" },
    ],
  ] as const) {
    test(`${what} is refused before anything is sent`, () => {
      assert.throws(() => repositoryOf("x", {}, options), { code: "repository-misconfigured" });
    });
  }
});

describe("a region of Keystone v2 (a fake)", () => {
  let fake: FakeKeystoneV2;
  let world: World;
  before(async () => {
    fake = await startFakeKeystoneV2(await sharedSwift());
    await (await openStore(await sharedSwift(), "regions")).send("PUT", "regions/object", "x");
    world = await makeWorld();
  });
  after(async () => {
    await world[Symbol.asyncDispose]();
    await fake[Symbol.asyncDispose]();
  });

  const repositoryIn = (options: object) =>
    made(
      swift,
      { authUrl: fake.authUrl, user: fake.user, key: fake.password, project: fake.tenant, insecure: true, ...options },
      { bucket: "regions", path: "object" },
      world.ports,
    );

  test("decides where the object is looked for", async () => {
    assert.equal((await repositoryIn({ region: fake.region }).check(undefined, never)).outcome, "found");
    assert.equal(
      (await repositoryIn({ region: "ord", interface: "internal" }).check(undefined, never)).outcome,
      "found",
    );
    await assert.rejects(repositoryIn({ region: fake.otherRegion }).check(undefined, never), {
      code: "connection-failed",
    });
  });

  test("that does not exist is named, with those that do", async () => {
    await assert.rejects(repositoryIn({ region: "MARS" }).check(undefined, never), {
      code: "endpoint-missing",
      message: /in the region MARS; regions that have one: LON, ORD\./,
    });
  });

  test("a wrong version of the identity service is named", async () => {
    await assert.rejects(repositoryIn({ authVersion: "3", region: "ORD" }).check(undefined, never), {
      code: "identity-refused",
    });
  });
});
