import assert from "node:assert/strict";
import { after, test } from "node:test";
import { linesOf } from "../../../src/drivers/stores/etcd/lines.ts";
import { etcd } from "../../../src/drivers/stores/etcd.ts";
import { startEtcd, startEtcdCluster, startGuardedEtcd, startSecureEtcd } from "../../servers/etcd.ts";
import { startFaultProxy } from "../../servers/fault-proxy.ts";
import { clusterPromises } from "./cluster-promises.ts";
import { commonPromises } from "./common-promises.ts";
import { assertCounted, countTogether, tallyOf } from "./counting.ts";
import { httpFaults } from "./http-faults.ts";
import {
  bytes,
  certificateRefused,
  failed,
  freshKey,
  impatientClock,
  opened,
  soon,
  storePorts,
  textAt,
  versionOf,
} from "./opened.ts";

const plain = await startEtcd();
const guarded = await startGuardedEtcd();
after(async () => {
  await plain.stop();
  await guarded.stop();
});
const [endpoint = ""] = plain.endpoints;
const { endpoints, host, root } = guarded;

const call = (path: string, body: unknown, headers: Record<string, string> = {}) =>
  fetch(path, { method: "POST", body: JSON.stringify(body), headers, signal: soon() });

commonPromises("etcd", () => opened(etcd, { endpoints: plain.endpoints }));
commonPromises("etcd with exactly the rights it needs", () => opened(etcd, { endpoints, ...host }));
httpFaults(
  "etcd",
  () => endpoint,
  (address, ports) => opened(etcd, { endpoints: [address] }, ports),
);
clusterPromises("etcd, three members", "etcd", startEtcdCluster, (cluster, place) =>
  opened(etcd, { endpoints: [cluster.endpoints[place] ?? ""] }),
);

test("with all members named, eight who count go on by themselves when the leader is killed", async () => {
  await using cluster = await startEtcdCluster();
  const key = freshKey();
  const stores = Array.from({ length: 8 }, () => opened(etcd, { endpoints: cluster.endpoints }));
  const leader = await cluster.leader();

  const counting = countTogether(stores, key, 40, 60_000);
  while (counting.done < 40) await new Promise((resolve) => setTimeout(resolve, 5));
  process.kill(cluster.processes.get(`etcd${leader}`) ?? 0, "SIGKILL");
  await counting.finished;

  assertCounted(tallyOf((await stores[0]?.read(key, soon()))?.bytes), 8, 40);
});

test("a read goes on to the next member; a swap does so only while nothing was sent", async () => {
  await using proxy = await startFaultProxy(endpoint);
  const key = freshKey();
  const dead = await startFaultProxy();
  await dead.stop();

  proxy.use(() => ({ kind: "lost" }));
  const unsure = await opened(etcd, { endpoints: [proxy.endpoint, endpoint] }).swap(key, bytes("1"), undefined, soon());
  const read = await textAt(opened(etcd, { endpoints: [proxy.endpoint, endpoint] }), key);
  const present = await opened(etcd, { endpoints: [endpoint] }).read(key, soon());
  const sure = await opened(etcd, { endpoints: [dead.endpoint, endpoint] }).swap(
    key,
    bytes("2"),
    present?.version,
    soon(),
  );

  assert.equal(unsure.outcome, "unknown");
  assert.equal(read, "1");
  assert.equal(sure.outcome, "swapped");
});

test("a member that takes connections and says nothing costs a read a share of its time only", async () => {
  await using proxy = await startFaultProxy(endpoint);
  proxy.use(() => ({ kind: "silence" }));
  const store = opened(etcd, { endpoints: [proxy.endpoint, endpoint] });
  const started = performance.now();

  assert.equal(await store.read(freshKey(), soon()), undefined);
  const first = performance.now() - started;
  assert.equal(await store.read(freshKey(), soon()), undefined);
  const second = performance.now() - started - first;

  assert.ok(first < 7_000, `${first} ms`);
  assert.ok(second < 1_000, `afterwards the one that answers is asked first: ${second} ms`);
});

test("a token that is no longer good is renewed, for reads, swaps and watches", async () => {
  const store = opened(etcd, { endpoints, ...host });
  const key = freshKey();
  const version = versionOf(await store.swap(key, bytes("1"), undefined, soon()));
  const answer = await call(`${endpoints[0]}/v3/auth/authenticate`, { name: root.user, password: root.password });
  const { token: authorization } = (await answer.json()) as { token: string };

  // Changing a password ends all tokens of that user.
  const changed = { name: host.user, password: host.password };
  await call(`${endpoints[0]}/v3/auth/user/changepw`, changed, { authorization });
  const swapped = versionOf(await store.swap(key, bytes("2"), version, soon()));
  await call(`${endpoints[0]}/v3/auth/user/changepw`, changed, { authorization });

  assert.equal(await textAt(store, key), "2");
  assert.equal((await store.read(key, soon()))?.version, swapped);
});

test("a wrong password, no login and a missing right are refused, and named", async () => {
  const key = freshKey();

  const wrong = await failed(
    opened(etcd, { endpoints, ...host, password: "wrong" }).swap(key, bytes("1"), undefined, soon()),
    "rollout-store-refused",
  );
  const nobody = await failed(opened(etcd, { endpoints }).read(key, soon()), "rollout-store-refused");
  const elsewhere = opened(etcd, { endpoints, ...host, prefix: "other" });
  const denied = await failed(elsewhere.swap(key, bytes("1"), undefined, soon()), "rollout-store-refused");

  assert.match(wrong.message, /log in as host: .*authentication failed/);
  assert.doesNotMatch(wrong.message, /wrong/);
  assert.match(nobody.message, /user name is empty/);
  assert.match(denied.message, /permission denied/);
});

test("over TLS the host shows its certificate; without one that etcd trusts it says so", async () => {
  await using server = await startSecureEtcd();
  const { ca, client, stranger } = server.certificates;
  const address = { endpoints: server.endpoints };
  const key = freshKey();

  const store = opened(etcd, { ...address, ca, ...client });
  const version = versionOf(await store.swap(key, bytes("1"), undefined, soon()));
  await store.watch?.(key, String(Number(version) - 1), 5_000, soon());

  assert.equal(await textAt(store, key), "1");
  await certificateRefused(opened(etcd, { ...address, ca }));
  await certificateRefused(opened(etcd, { ...address, ca, ...stranger }));
  await failed(opened(etcd, { ...address, ...client }).read(key, soon()), "tls-refused");
});

test("a watch from a revision that was compacted away ends at once", async () => {
  const store = opened(etcd, { endpoints: plain.endpoints });
  const key = freshKey();
  const first = versionOf(await store.swap(key, bytes("1"), undefined, soon()));
  const second = versionOf(await store.swap(key, bytes("2"), first, soon()));
  const third = versionOf(await store.swap(key, bytes("3"), second, soon()));
  await call(`${endpoint}/v3/kv/compaction`, { revision: third });
  const started = performance.now();

  await store.watch?.(key, first, 10_000, soon());

  assert.ok(performance.now() - started < 2_000);
});

test("a watch whose server falls silent ends with its patience, and one whose server refuses it fails", async () => {
  await using proxy = await startFaultProxy(endpoint);
  const store = opened(etcd, { endpoints: [proxy.endpoint] }, storePorts({ clock: impatientClock(2_000) }));
  const started = performance.now();

  proxy.use(() => ({ kind: "silence" }));
  await store.watch?.(freshKey(), "7", 500, soon());
  const took = performance.now() - started;
  proxy.use(() => ({ kind: "status", status: 403 }));

  assert.ok(took > 400 && took < 1_500, `${took} ms`);
  await failed(store.watch?.(freshKey(), "7", 500, soon()) ?? Promise.resolve(), "rollout-store-refused");
});

test("lines are the same wherever the parts of an answer end, in the middle of a character too", async () => {
  const lines = ['{"result":{"created":true}}', '{"result":{"events":["ä€😀"]}}', ""];
  const whole = bytes(`${lines.join("\n")}\nrest`);

  for (let size = 1; size <= whole.length; size += 1) {
    const parts: Uint8Array[] = [];
    for (let at = 0; at < whole.length; at += size) parts.push(whole.subarray(at, at + size));
    const found: string[] = [];
    for await (const line of linesOf(parts as unknown as AsyncIterable<Uint8Array>)) found.push(line);
    assert.deepEqual(found, lines, `parts of ${size}`);
  }
});

test("endpoints are whole addresses, one or more", () => {
  const { decode } = etcd.options.endpoints;

  assert.deepEqual(decode("http://a:2379"), { value: ["http://a:2379"] });
  for (const bad of [[], "a:2379", ["http://u:p@a:2379"], [1], 7]) assert.ok("expected" in decode(bad as never));
  assert.equal(
    opened(etcd, { endpoints: ["https://a:1/", "https://b:2"], password: "hidden" }).place,
    "etcd https://a:1, https://b:2 (prefix dropship)",
  );
});
