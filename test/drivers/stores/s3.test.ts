import assert from "node:assert/strict";
import { after, test } from "node:test";
import type { StorePorts } from "../../../src/drivers/stores/store.ts";
import { systemClock } from "../../../src/platform/clock.ts";
import { startCeph } from "../../servers/ceph.ts";
import { startFaultProxy } from "../../servers/fault-proxy.ts";
import { administer, besideObject } from "./buckets.ts";
import { commonPromises } from "./common-promises.ts";
import { httpFaults } from "./http-faults.ts";
import { bytes, failed, freshKey, impatientClock, soon, storePorts, textAt, versionOf } from "./opened.ts";

const ceph = await startCeph({ version: "20" });
after(() => ceph.stop());
await administer(ceph.endpoint, ceph, "PUT", "/bucket");
await administer(ceph.endpoint, ceph, "PUT", "/guarded");

/** Exactly the rights that the guide names. */
const principal = { AWS: ["arn:aws:iam:::user/guest"] };
const rights = (objects: readonly string[]) => [
  {
    Effect: "Allow",
    Principal: principal,
    Action: objects,
    Resource: ["arn:aws:s3:::guarded/web/web.tar.gz.rollout/*"],
  },
  { Effect: "Allow", Principal: principal, Action: ["s3:ListBucket"], Resource: ["arn:aws:s3:::guarded"] },
];
const permit = (statements: readonly unknown[]) => {
  const policy = JSON.stringify({ Version: "2012-10-17", Statement: statements });
  return administer(ceph.endpoint, ceph, "PUT", "/guarded", { policy: "" }, policy);
};
const everyRight = rights(["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]);
await permit(everyRight);

const open = (endpoint = ceph.endpoint, ports?: StorePorts) => besideObject(endpoint, ceph, {}, ports);

commonPromises("a bucket (Ceph 20)", () => open());
commonPromises("a bucket with exactly the rights it needs", () =>
  besideObject(ceph.endpoint, ceph.guest, { bucket: "guarded" }),
);
httpFaults("a bucket (Ceph 20)", () => ceph.endpoint, open);

test("it lies beside the artifact, and its end tells whether it is whole", async () => {
  const store = open();
  const key = freshKey();
  versionOf(await store.swap(key, bytes('{"seq":1}'), undefined, soon()));

  const object = `/bucket/web/web.tar.gz.rollout/${key}`;
  const written = await administer(ceph.endpoint, ceph, "GET", object);

  assert.equal(store.place, "s3://bucket/web/web.tar.gz.rollout/");
  assert.match(written, /^\{"seq":1\}\n[0-9a-f]{32}$/);
  await administer(ceph.endpoint, ceph, "PUT", object, {}, '{"seq":2}');
  await failed(store.read(key, soon()), "rollout-store-nonsense");
});

test("an artifact of any name has its meeting place, and a long list comes in pages", async () => {
  const store = besideObject(ceph.endpoint, ceph, { path: "/a b+c/ü&<1>'\"%20.tar.gz" });
  const keys = Array.from({ length: 1_030 }, (_, place) => `web/default/reports/host%2D${place}`);
  for (let done = 0; done < keys.length; done += 32) {
    await Promise.all(keys.slice(done, done + 32).map((key) => store.put(key, bytes(key), soon())));
  }

  const listed = await store.list("web/default/reports/", soon());

  assert.deepEqual([...listed].sort(), [...keys].sort());
  assert.equal(await textAt(store, keys[1029] ?? ""), keys[1029]);
  assert.deepEqual(await store.list("web/default/beats/", soon()), []);
});

test("keys that may only read are told which rights are missing, in one sentence", async (t) => {
  await permit(rights(["s3:GetObject"]));
  t.after(() => permit(everyRight));
  const reader = besideObject(ceph.endpoint, ceph.guest, { bucket: "guarded" });
  const key = freshKey();

  const refused = await failed(reader.swap(key, bytes("1"), undefined, soon()), "rollout-bucket-forbidden");
  await failed(reader.put(key, bytes("1"), soon()), "rollout-bucket-forbidden");
  await failed(reader.remove(key, soon()), "rollout-bucket-forbidden");

  assert.equal(await reader.read(key, soon()), undefined);
  assert.deepEqual(await reader.list("none/", soon()), []);
  assert.equal(refused.message, `The keys of this host may not change ${key} in s3://guarded/web/web.tar.gz.rollout/.`);
  assert.match(
    refused.remedy,
    /s3:GetObject, s3:PutObject and s3:DeleteObject on guarded\/web\/web\.tar\.gz\.rollout\/\*/,
  );
  assert.match(refused.remedy, /s3:ListBucket on guarded/);
});

test("a bucket that is missing, keys that nobody knows and a clock that is wrong say so themselves", async () => {
  const key = freshKey();
  const nowhere = besideObject(ceph.endpoint, ceph, { bucket: "no-such-bucket" });
  const unknown = besideObject(ceph.endpoint, { accessKey: "nobody", secretKey: "hidden" });
  const wrong = besideObject(ceph.endpoint, { ...ceph, secretKey: "hidden" });
  const clock = { ...systemClock, wall: () => Date.now() - 3_600_000 };

  await failed(nowhere.swap(key, bytes("1"), undefined, soon()), "bucket-missing");
  await failed(nowhere.read(key, soon()), "bucket-missing");
  for (const store of [unknown, wrong]) {
    const refused = await failed(store.swap(key, bytes("1"), undefined, soon()), "credentials-rejected");
    assert.doesNotMatch(refused.message + refused.remedy, /hidden/);
  }
  await failed(open(ceph.endpoint, storePorts({ clock })).read(key, soon()), "clock-skewed");
});

test("what a conflict is called does not matter, and what certainly did nothing is no unknown", async () => {
  await using proxy = await startFaultProxy(ceph.endpoint);
  const store = open(proxy.endpoint);
  const key = freshKey();
  const code = (name: string) => `<Error><Code>${name}</Code></Error>`;
  const outcome = async (status: number, body: string) => {
    proxy.use(() => ({ kind: "status", status, body }));
    return (await store.swap(key, bytes("1"), '"0"', soon())).outcome;
  };

  assert.equal(await outcome(412, ""), "conflict");
  assert.equal(await outcome(412, code("PreconditionFailed")), "conflict");
  assert.equal(await outcome(404, code("NoSuchKey")), "conflict");
  assert.equal(await outcome(409, code("ConditionalRequestConflict")), "conflict");
  assert.equal(await outcome(409, code("OperationAborted")), "conflict");
  assert.equal(await outcome(503, code("SlowDown")), "unknown");
  assert.equal(await outcome(500, code("InternalError")), "unknown");
  await failed(outcome(409, code("InvalidBucketState")), "rollout-store-refused");
  await failed(outcome(404, code("NoSuchBucket")), "bucket-missing");
  await failed(outcome(501, code("NotImplemented")), "rollout-store-incapable");
  assert.equal(await outcome(501, ""), "unknown");
  await failed(outcome(301, `<Error><Code>PermanentRedirect</Code><Region>eu-west-1</Region></Error>`), "region-wrong");
});

test("a condition that a proxy drops on the way is no write without it", async () => {
  await using proxy = await startFaultProxy(ceph.endpoint);
  const store = open(proxy.endpoint);
  const key = freshKey();
  const version = versionOf(await open().swap(key, bytes("1"), undefined, soon()));
  proxy.use(() => ({ kind: "ignore", headers: ["if-match", "if-none-match"] }));

  await failed(store.swap(key, bytes("2"), undefined, soon()), "credentials-rejected");
  await failed(store.swap(key, bytes("2"), '"stale"', soon()), "credentials-rejected");

  assert.equal((await open().read(key, soon()))?.version, version);
});

test("an old answer out of a cache costs a conflict and no value", async () => {
  await using proxy = await startFaultProxy(ceph.endpoint);
  const store = open(proxy.endpoint);
  const key = freshKey();
  const first = versionOf(await store.swap(key, bytes("1"), undefined, soon()));
  await store.read(key, soon());
  const second = versionOf(await open().swap(key, bytes("2"), first, soon()));
  proxy.use(({ method }) => (method === "GET" ? { kind: "stale" } : undefined));

  const stale = await store.read(key, soon());
  const swap = await store.swap(key, bytes("3"), stale?.version, soon());

  assert.equal(stale?.version, first);
  assert.deepEqual(swap, { outcome: "conflict" });
  proxy.use(undefined);
  assert.equal((await store.read(key, soon()))?.version, second);
});

test("a store that stands still is waited for until the deadline, and what it did then is read back", async (t) => {
  const store = open(ceph.endpoint, storePorts({ clock: impatientClock(500) }));
  const key = freshKey();
  const version = versionOf(await store.swap(key, bytes("1"), undefined, soon()));
  ceph.pause("osd");
  t.after(() => ceph.resume("osd"));

  const swap = await store.swap(key, bytes("2"), version, soon());
  await failed(store.read(key, soon()), "rollout-store-unanswered");
  ceph.resume("osd");

  assert.equal(swap.outcome, "unknown");
  // It may come late, or never: but not over what another wrote meanwhile.
  const other = await open().swap(key, bytes("3"), version, soon());
  const there = await textAt(open(), key);
  assert.equal(there, other.outcome === "swapped" ? "3" : "2");
});
