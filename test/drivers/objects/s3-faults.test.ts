import assert from "node:assert/strict";
import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, describe, test } from "node:test";
import type { UploadContent } from "../../../src/drivers/repositories/objects.ts";
import { type Ceph, startCeph } from "../../servers/ceph.ts";
import { type FaultProxy, startFaultProxy } from "../../servers/fault-proxy.ts";
import { administer } from "../stores/buckets.ts";
import { bytes, failed, soon, storePorts, versionOf } from "../stores/opened.ts";
import { hasty, objectFaults } from "./faulty.ts";
import { followedObject, openedBucket } from "./s3-world.ts";
import { contentOf, fetched, nobodyCares } from "./under-test.ts";

const mebibyte = 1024 * 1024;
const length = 32 * mebibyte + 1;

async function started(): Promise<Ceph> {
  const ceph = await startCeph({ version: "20" });
  await administer(ceph.endpoint, ceph, "PUT", "/bucket");
  return ceph;
}

async function unfinished(ceph: Ceph): Promise<readonly string[]> {
  const listed = await administer(ceph.endpoint, ceph, "GET", "/bucket", { uploads: "" });
  return [...listed.matchAll(/<Upload>.*?<Key>(.*?)<\/Key>/gs)].map(([, key = ""]) => key);
}

objectFaults("s3 (Ceph 20)", async () => {
  const ceph = await started();
  return {
    upstream: ceph.endpoint,
    folder: (endpoint, ports) => openedBucket({ ...ceph, endpoint }, "web", ports),
    length,
    secrets: [ceph.secretKey],
    leftovers: () => unfinished(ceph),
    [Symbol.asyncDispose]: () => ceph.stop(),
  };
});

describe("an upload in parts to s3 (Ceph 20)", () => {
  let ceph: Ceph;
  let proxy: FaultProxy;
  let disk: string;
  before(async () => {
    ceph = await started();
    proxy = await startFaultProxy(ceph.endpoint);
    disk = await mkdtemp(join(tmpdir(), "dropship-objects-"));
  });
  after(async () => {
    await proxy.stop();
    await ceph.stop();
    await rm(disk, { recursive: true, force: true });
  });
  const folder = (ports = hasty()) => openedBucket({ ...ceph, endpoint: proxy.endpoint }, "web", ports);
  const send = (content: UploadContent, key: string, onProgress: (done: number) => void = nobodyCares) =>
    folder().upload(key, content, { signal: AbortSignal.timeout(60_000), onProgress });
  const partsSent = (from: number) =>
    proxy.seen.slice(from).filter(({ method, path }) => method === "PUT" && path.includes("partNumber=")).length;
  /** Leaves an upload with some of its parts. */
  const interrupt = async (content: UploadContent, key: string, failing: number) => {
    const killed = new AbortController();
    proxy.use(({ path }) => {
      if (!path.includes(`partNumber=${failing}&`)) return undefined;
      setTimeout(() => killed.abort(new Error("killed")), 2000);
      return { kind: "silence" };
    });
    const upload = folder().upload(key, content, { signal: killed.signal, onProgress: nobodyCares });
    await assert.rejects(upload, /killed/);
    proxy.use(undefined);
  };

  test("goes on where it was cut off, and sends only what is missing", async () => {
    const content = await contentOf(disk, randomBytes(length));
    await interrupt(content, "artifacts/resumed", 3);
    const [seen, told] = [proxy.seen.length, [] as number[]];

    await send(content, "artifacts/resumed", (done) => told.push(done));

    assert.equal(partsSent(seen), 1);
    assert.ok(told.every((done) => done <= length) && told.at(-1) === length);
    assert.deepEqual(await unfinished(ceph), []);
    const there = await fetched(followedObject(ceph, "artifacts/resumed"));
    assert.equal((await contentOf(disk, there)).sha256, content.sha256);
  });

  test("is swept away when it is old, below the prefix, and not when it is young or elsewhere", async () => {
    const content = await contentOf(disk, randomBytes(length));
    await interrupt(content, "artifacts/forsaken", 3);
    await interrupt(content, "other/forsaken", 3);

    await folder().sweep("artifacts/", Date.now() - 3_600_000, soon());
    const young = await unfinished(ceph);
    await folder().sweep("artifacts/", Date.now() + 60_000, soon());
    const old = await unfinished(ceph);
    await folder().sweep("other/", Date.now() + 60_000, soon());

    assert.deepEqual(young.toSorted(), ["web/artifacts/forsaken", "web/other/forsaken"]);
    assert.deepEqual(old, ["web/other/forsaken"]);
    assert.deepEqual(await unfinished(ceph), []);
  });

  test("drops what was left of other content under that key, and none under others", async () => {
    const [content, other] = [await contentOf(disk, randomBytes(length)), await contentOf(disk, randomBytes(length))];
    await interrupt(other, "artifacts/mixed", 3);
    await interrupt(other, "artifacts/mixed2", 3);
    const seen = proxy.seen.length;

    await send(content, "artifacts/mixed");

    assert.equal(partsSent(seen), 3);
    assert.deepEqual(await unfinished(ceph), ["web/artifacts/mixed2"]);
    const there = await fetched(followedObject(ceph, "artifacts/mixed"));
    assert.equal((await contentOf(disk, there)).sha256, content.sha256);
  });

  // The second is Ceph's word for one that somebody else completes in this very moment.
  for (const code of ["NoSuchUpload", "NoSuchKey"]) {
    for (const verb of ["POST", "GET"]) {
      test(`begins anew when somebody drops it in the middle (${code} to a ${verb})`, async () => {
        const content = await contentOf(disk, randomBytes(length));
        const key = `artifacts/dropped-${code}-${verb}`;
        let dropped = false;
        proxy.use(({ method, path }) => {
          if (dropped || method !== verb || !path.includes("uploadId=")) return undefined;
          dropped = true;
          return { kind: "status", status: 404, body: `<Error><Code>${code}</Code></Error>` };
        });

        await send(content, key);

        proxy.use(undefined);
        assert.ok(dropped);
        assert.equal((await folder().measure(key, soon()))?.length, length);
      });
    }
  }

  test("a store that says in the body of a good answer that it failed is asked again", async () => {
    const content = await contentOf(disk, randomBytes(length));
    let failures = 0;
    proxy.use(({ method, path }) =>
      method === "POST" && path.includes("uploadId=") && failures++ === 0
        ? { kind: "status", status: 200, body: "<Error><Code>InternalError</Code></Error>" }
        : undefined,
    );

    await send(content, "artifacts/late-error");

    assert.equal((await folder().measure("artifacts/late-error", soon()))?.length, length);
  });

  test("a part that the store has otherwise than it was sent is sent again, and given up in the end", async () => {
    const content = await contentOf(disk, randomBytes(length));
    const wrong = { kind: "status", status: 200, headers: { etag: `"${"0".repeat(32)}"` } } as const;
    let once = 0;
    proxy.use(({ path }) => (path.includes("partNumber=2&") && once++ === 0 ? wrong : undefined));
    await send(content, "artifacts/mended");
    proxy.use(({ path }) => (path.includes("partNumber=2&") ? wrong : undefined));

    const met = await failed(send(content, "artifacts/broken"), "upload-damaged");

    assert.match(met.message, /s3:\/\/bucket\/web\/artifacts\/broken is not what was sent: its MD5 is 0{32}/);
    proxy.use(undefined);
    assert.equal(await folder().measure("artifacts/broken", soon()), undefined);
    assert.equal((await folder().measure("artifacts/mended", soon()))?.length, length);
  });

  test("answers that are none of the protocol are refused, and a list without an end ends", async () => {
    const content = await contentOf(disk, randomBytes(length));
    proxy.use(({ method }) =>
      method === "POST" ? { kind: "status", status: 200, body: "<html>hello</html>" } : undefined,
    );
    await failed(send(content, "artifacts/html"), "object-store-nonsense");
    const page =
      "<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>again</NextContinuationToken></ListBucketResult>";
    proxy.use(() => ({ kind: "status", status: 200, body: page }));
    const endless = await failed(folder().list("", soon()), "object-store-nonsense");
    proxy.use(() => ({ kind: "status", status: 200, headers: {}, body: "x" }));
    const untagged = await failed(folder().read("channels/stable", 10, soon()), "object-store-nonsense");
    proxy.use(undefined);

    assert.match(endless.message, /does not end/);
    assert.match(untagged.message, /it has no ETag/);
  });

  test("conditions that collide are conflicts, and a store without them says so", async () => {
    const answer = (status: number, code: string) =>
      proxy.use(({ method }) =>
        method === "PUT" ? { kind: "status", status, body: `<Error><Code>${code}</Code></Error>` } : undefined,
      );
    const write = () => folder().write("channels/x", bytes("1"), { ifVersion: undefined }, soon());

    answer(409, "ConditionalRequestConflict");
    assert.deepEqual(await write(), { outcome: "conflict" });
    answer(412, "PreconditionFailed");
    assert.deepEqual(await write(), { outcome: "conflict" });
    answer(501, "NotImplemented");
    await failed(write(), "object-store-incapable");
    answer(403, "QuotaExceeded");
    await failed(send(await contentOf(disk, randomBytes(10)), "artifacts/full"), "object-store-full");
    answer(403, "AccessDenied");
    const forbidden = await failed(write(), "object-bucket-forbidden");
    proxy.use(undefined);

    assert.match(forbidden.remedy, /s3:AbortMultipartUpload .* on bucket\/web\/\*/);
  });

  test("a bucket that is not there, and keys that are wrong, are said", async () => {
    const nowhere = openedBucket(ceph, "web", storePorts(), "nowhere");
    const stranger = openedBucket({ ...ceph, secretKey: "wrong-swordfish" });
    const guest = openedBucket({ endpoint: ceph.endpoint, ...ceph.guest });
    const content = await contentOf(disk, randomBytes(10));

    await failed(nowhere.read("x", 10, soon()), "bucket-missing");
    await failed(nowhere.measure("x", soon()), "bucket-missing");
    await failed(nowhere.write("x", bytes("1"), "always", soon()), "bucket-missing");
    await failed(nowhere.upload("x", content, { signal: soon(), onProgress: nobodyCares }), "bucket-missing");
    await failed(nowhere.list("", soon()), "bucket-missing");
    const rejected = await failed(stranger.read("x", 10, soon()), "credentials-rejected");
    await failed(guest.read("x", 10, soon()), "object-bucket-forbidden");
    await failed(guest.list("", soon()), "object-bucket-forbidden");

    assert.doesNotMatch(`${rejected.message}${rejected.remedy}`, /swordfish/);
  });

  test("a listing of more than a page is whole", async () => {
    const names = Array.from({ length: 1050 }, (_, place) => `many/${String(place).padStart(4, "0")}`);
    const direct = openedBucket(ceph, "listed");
    for (let at = 0; at < names.length; at += 50) {
      const writes = names.slice(at, at + 50).map((name) => direct.write(name, bytes("x"), "always", soon()));
      for (const swap of await Promise.all(writes)) versionOf(swap);
    }

    const found = await direct.list("many/", soon());

    assert.deepEqual(found.map(({ key }) => key).sort(), names);
  });
});

test("Ceph 16, which wants another form of version, is named as unable when a document is to be changed", async () => {
  await using ceph = await startCeph({ version: "16" });
  await administer(ceph.endpoint, ceph, "PUT", "/bucket");
  const web = openedBucket(ceph);
  const first = versionOf(await web.write("channels/stable", bytes("1"), { ifVersion: undefined }, soon()));

  const met = await failed(
    web.write("channels/stable", bytes("2"), { ifVersion: first }, soon()),
    "object-store-incapable",
  );

  assert.match(met.message, /cannot change an object on a condition/);
  assert.equal(Buffer.from((await web.read("channels/stable", 10, soon()))?.bytes ?? []).toString(), "1");
});
