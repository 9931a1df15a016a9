import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { mkdtemp, open, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { UploadContent } from "../../../src/drivers/repositories/objects.ts";
import { rackspace } from "../../../src/drivers/repositories/rackspace.ts";
import { type FaultProxy, startFaultProxy } from "../../servers/fault-proxy.ts";
import { type Swift, startSwift } from "../../servers/swift.ts";
import { openStore, type SwiftStore } from "../repositories/swift-store.ts";
import { bytes, failed, soon, storePorts, versionOf } from "../stores/opened.ts";
import { hasty, objectFaults } from "./faulty.ts";
import { followedIn, openedContainer } from "./swift-world.ts";
import { contentOf, nobodyCares } from "./under-test.ts";

const mebibyte = 1024 * 1024;
async function listed(store: SwiftStore, prefix: string): Promise<readonly string[]> {
  const answer = await store.send("GET", `box?prefix=${encodeURIComponent(prefix)}&format=json`);
  return ((await answer.json()) as { readonly name: string }[]).map(({ name }) => name);
}

objectFaults("swift", async () => {
  const swift = await startSwift();
  const store = await openStore(swift, "box");
  return {
    upstream: swift.endpoint,
    folder: (endpoint, ports) => openedContainer({ ...swift, authUrl: `${endpoint}/auth/v1.0` }, "web", ports),
    length: mebibyte + 1,
    secrets: [swift.key, store.token],
    leftovers: () => listed(store, "web/artifacts/.segments/"),
    [Symbol.asyncDispose]: () => swift.stop(),
  };
});

/** A file of so many bytes that are not all the same, without holding them. */
async function largeContent(folder: string, length: number, seed: string): Promise<UploadContent> {
  const file = join(folder, seed);
  const handle = await open(file, "wx");
  const [sha256, md5] = [createHash("sha256"), createHash("md5")];
  for (let at = 0; at < length; at += mebibyte) {
    const part = Buffer.alloc(Math.min(mebibyte, length - at), `${seed} ${at} `);
    for (const hash of [sha256, md5]) hash.update(part);
    await handle.write(part, 0, part.length, at);
  }
  await handle.close();
  return { file, length, sha256: sha256.digest("hex"), md5: md5.digest("hex"), contentType: "application/gzip" };
}

describe("an upload in segments to swift", () => {
  const length = 256 * mebibyte + 1000;
  let swift: Swift;
  let store: SwiftStore;
  let proxy: FaultProxy;
  let disk: string;
  let content: UploadContent;
  before(async () => {
    swift = await startSwift();
    store = await openStore(swift, "box");
    proxy = await startFaultProxy(swift.endpoint);
    disk = await mkdtemp(join(tmpdir(), "dropship-objects-"));
    content = await largeContent(disk, length, "first");
  });
  after(async () => {
    await proxy.stop();
    await swift.stop();
    await rm(disk, { recursive: true, force: true });
  });
  const direct = () => openedContainer(swift);
  const proxied = () => openedContainer({ ...swift, authUrl: `${proxy.endpoint}/auth/v1.0` }, "web", hasty());
  const key = "artifacts/large.tar";
  const options = (signal = AbortSignal.timeout(120_000)) => ({ signal, onProgress: nobodyCares });

  test("is swept away when it is old and never came to be; the segments of an object that is there stay", async () => {
    const segments = async () => (await listed(store, "web/artifacts/.segments/")).length;
    const killed = new AbortController();
    proxy.use(({ path, method }) => {
      if (method !== "PUT" || !path.endsWith("000005")) return undefined;
      setTimeout(() => killed.abort(new Error("killed")), 3000);
      return { kind: "silence" };
    });
    await assert.rejects(proxied().upload("artifacts/forsaken.tar", content, options(killed.signal)), /killed/);
    proxy.use(undefined);
    const left = await segments();

    await direct().sweep("artifacts/", Date.now() - 3_600_000, soon());
    const young = await segments();
    await direct().sweep("artifacts/", Date.now() + 3_600_000, soon());
    const old = await segments();
    await direct().upload("artifacts/whole.tar", content, options());
    await direct().sweep("artifacts/", Date.now() + 3_600_000, soon());
    const whole = await segments();
    await direct().remove("artifacts/whole.tar", soon());

    assert.ok(left > 0);
    assert.deepEqual([young, old, whole, await segments()], [left, 0, 5, 0]);
  });

  test("goes on where it was cut off, is one object for agents, and other content takes its place", async () => {
    const killed = new AbortController();
    proxy.use(({ path, method }) => {
      if (method !== "PUT" || !path.endsWith("000005")) return undefined;
      setTimeout(() => killed.abort(new Error("killed")), 3000);
      return { kind: "silence" };
    });
    await assert.rejects(proxied().upload(key, content, options(killed.signal)), /killed/);
    assert.equal(await direct().measure(key, soon()), undefined);
    assert.deepEqual(await direct().list("artifacts/", soon()), []);
    const left = (await listed(store, "web/artifacts/.segments/")).length;
    proxy.use(undefined);
    const seen = proxy.seen.length;

    await proxied().upload(key, content, options());

    const sent = proxy.seen.slice(seen).filter(({ method, path }) => method === "PUT" && path.includes(".segments"));
    assert.equal(sent.length, 5 - left);
    assert.ok(left >= 2, `${left} segments were there`);
    assert.deepEqual(
      (await direct().list("artifacts/", soon())).map(({ key, length }) => [key, length]),
      [[key, length]],
    );
    const repository = followedIn(swift, key);
    const answer = await repository.check(undefined, soon());
    assert.ok(answer.outcome === "found");
    const hash = createHash("sha256");
    for await (const part of (await repository.open(answer.marker, 0, AbortSignal.timeout(60_000))).chunks)
      hash.update(part);
    assert.equal(hash.digest("hex"), content.sha256);
    assert.equal(answer.marker.contentType, "application/gzip");
  });

  test("what is there already is not sent again, and is removed with its segments", async () => {
    await direct().upload(key, content, options());
    proxy.use(undefined);
    const seen = proxy.seen.length;

    await proxied().upload(key, content, options());
    assert.deepEqual(
      proxy.seen.slice(seen).filter(({ method }) => method === "PUT"),
      [],
    );
    await direct().upload(key, await contentOf(disk, randomBytes(10)), options());
    await direct().remove(key, soon());
    await direct().upload(key, content, options());
    await direct().remove(key, AbortSignal.timeout(60_000));

    assert.deepEqual(await listed(store, "web/artifacts/"), []);
  });
});

describe("documents in swift", () => {
  let swift: Swift;
  let proxy: FaultProxy;
  before(async () => {
    swift = await startSwift();
    await openStore(swift, "box");
    proxy = await startFaultProxy(swift.endpoint);
  });
  after(async () => {
    await proxy.stop();
    await swift.stop();
  });
  const proxied = (ports = hasty()) =>
    openedContainer({ ...swift, authUrl: `${proxy.endpoint}/auth/v1.0` }, "web", ports);

  test("of many who make one at a time at least one is through, and each of the others knows that it is not", async () => {
    const [one, other] = [openedContainer(swift), openedContainer(swift)];

    const swaps = await Promise.all(
      Array.from({ length: 16 }, (_, place) =>
        (place % 2 === 0 ? one : other).write("releases/1", bytes(`${place}`), { ifVersion: undefined }, soon()),
      ),
    );

    assert.equal(one.swaps, false);
    assert.ok(swaps.every(({ outcome }) => outcome !== "unknown"));
    assert.ok(swaps.filter(({ outcome }) => outcome === "swapped").length >= 1);
  });

  test("a token that ends is renewed, in the middle of what is done", async () => {
    const folder = proxied();
    versionOf(await folder.write("channels/stable", bytes("1"), "always", soon()));
    let refused = 0;
    proxy.use(({ path }) => (path.includes("/v1/") && refused++ === 0 ? { kind: "status", status: 401 } : undefined));
    assert.equal((await folder.read("channels/stable", 10, soon()))?.bytes.length, 1);
    refused = 0;
    versionOf(await folder.write("channels/stable", bytes("2"), "always", soon()));
    proxy.use(({ path }) => (path.includes("/v1/") ? { kind: "status", status: 401 } : undefined));

    const met = await failed(folder.read("channels/stable", 10, soon()), "object-container-forbidden");

    assert.match(met.remedy, /container box/);
  });

  test("quotas, a container that is not there and wrong keys are said, without a secret", async () => {
    const content = await contentOf(tmpdir(), randomBytes(10));
    const nowhere = openedContainer(swift, "web", storePorts(), "nowhere");
    const stranger = openedContainer({ ...swift, key: "wrong-swordfish" });
    const upload = { signal: soon(), onProgress: nobodyCares };

    for (const status of [413, 507]) {
      proxy.use(({ method }) => (method === "PUT" ? { kind: "status", status } : undefined));
      await failed(proxied().upload("artifacts/x", content, upload), "object-store-full");
    }
    proxy.use(({ method }) => (method === "PUT" ? { kind: "status", status: 422 } : undefined));
    await failed(proxied().upload("artifacts/x", content, upload), "upload-damaged");
    for (const call of [
      () => nowhere.read("x", 10, soon()),
      () => nowhere.measure("x", soon()),
      () => nowhere.write("x", bytes("1"), "always", soon()),
      () => nowhere.upload("x", content, upload),
      () => nowhere.list("", soon()),
    ]) {
      await failed(call(), "bucket-missing");
    }
    const rejected = await failed(stranger.read("x", 10, soon()), "identity-rejected");

    assert.doesNotMatch(`${rejected.message}${rejected.remedy}`, /swordfish/);
    await rm(content.file);
  });

  test("a document that was altered on the way is not believed", async () => {
    proxy.use(undefined);
    versionOf(await proxied().write("channels/beta", bytes("content"), "always", soon()));
    proxy.use(({ method }) => (method === "GET" ? { kind: "flip", at: 3 } : undefined));
    const folder = proxied();
    await folder.measure("channels/beta", soon());

    await failed(folder.read("channels/beta", 100, soon()), "object-store-nonsense");
  });
});

test("rackspace publishes by the same code", () => {
  assert.equal(typeof rackspace.objects, "function");
  assert.equal(rackspace.target?.scheme, "rackspace");
});
