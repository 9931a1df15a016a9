import assert from "node:assert/strict";
import { after, test } from "node:test";
import { consul } from "../../../src/drivers/stores/consul.ts";
import { startConsul, startConsulCluster, startSecureConsul } from "../../servers/consul.ts";
import { startFaultProxy } from "../../servers/fault-proxy.ts";
import { clusterPromises } from "./cluster-promises.ts";
import { commonPromises } from "./common-promises.ts";
import { httpFaults } from "./http-faults.ts";
import { bytes, certificateRefused, failed, freshKey, opened, soon, storePorts, textAt, versionOf } from "./opened.ts";

const plain = await startConsul();
const guarded = await startConsul({ acl: true });
after(async () => {
  await plain.stop();
  await guarded.stop();
});

/** A token that may do what the rules say. */
async function tokenFor(name: string, rules: string): Promise<string> {
  const call = async (path: string, body: unknown) => {
    const headers = { "x-consul-token": guarded.token ?? "" };
    const request = { method: "PUT", headers, body: JSON.stringify(body), signal: soon() };
    return (await (await fetch(`${guarded.endpoint}/v1/acl/${path}`, request)).json()) as { SecretID?: string };
  };
  await call("policy", { Name: name, Rules: rules });
  return (await call("token", { Policies: [{ Name: name }] })).SecretID ?? "";
}

const token = await tokenFor("rollouts", 'key_prefix "dropship/" { policy = "write" }');
const reader = await tokenFor("readers", 'key_prefix "dropship/" { policy = "read" }');

commonPromises("consul", () => opened(consul, { address: plain.endpoint }));
commonPromises("consul with exactly the rights it needs", () => opened(consul, { address: guarded.endpoint, token }));
httpFaults(
  "consul",
  () => plain.endpoint,
  (address, ports) => opened(consul, { address }, ports),
);
clusterPromises("consul, three servers", "consul", startConsulCluster, ({ endpoints }, place) =>
  opened(consul, { address: endpoints[place] }),
);

test("a token that may not write, none, and an unknown one are refused by what they wanted to do", async () => {
  const key = freshKey();
  const place = guarded.endpoint;

  const readOnly = opened(consul, { address: place, token: reader });
  const refused = await failed(readOnly.swap(key, bytes("1"), undefined, soon()), "rollout-store-refused");
  await failed(readOnly.put(key, bytes("1"), soon()), "rollout-store-refused");
  assert.equal(await readOnly.read(key, soon()), undefined);

  assert.match(refused.message, /change web\/.*Permission denied/);
  for (const wrong of [{}, { token: "nobody" }]) {
    const store = opened(consul, { address: place, ...wrong });
    await failed(store.read(key, soon()), "rollout-store-refused");
    await failed(store.swap(key, bytes("1"), undefined, soon()), "rollout-store-refused");
  }
});

test("the token may come from the environment, the address does not", async () => {
  const environment = { CONSUL_HTTP_TOKEN: token, CONSUL_HTTP_ADDR: "127.0.0.1:1" };
  const store = opened(consul, { address: guarded.endpoint }, storePorts({ environment }));

  versionOf(await store.swap(freshKey(), bytes("1"), undefined, soon()));
});

test("an address is taken with and without its scheme, and named without a secret", async () => {
  const bare = plain.endpoint.replace("http://", "");
  const options = { prefix: "/deeper/prefix/", token: "hidden", user: "u", password: "hidden" };

  const stores = [bare, plain.endpoint, `${plain.endpoint}/`].map((address) => opened(consul, { address, ...options }));

  for (const store of stores) {
    assert.equal(store.place, `consul http://${bare} (prefix deeper/prefix)`);
    assert.equal(await store.read(freshKey(), soon()), undefined);
  }
  assert.match(opened(consul, { address: bare, useSSL: "true" }).place, /^consul https:/);
  for (const bad of ["", "ftp://x", "user@host", "a b", "http://h?x"]) {
    assert.ok("expected" in consul.options.address.decode(bad), bad);
  }
});

test("over TLS the host shows its certificate; without one that Consul trusts, and to a server it does not trust, it says so", async () => {
  await using server = await startSecureConsul();
  const { ca, client, stranger } = server.certificates;
  const address = server.endpoint;
  const key = freshKey();

  const store = opened(consul, { address, ca, ...client });
  versionOf(await store.swap(key, bytes("1"), undefined, soon()));

  assert.equal(await textAt(store, key), "1");
  await certificateRefused(opened(consul, { address, ca }));
  await certificateRefused(opened(consul, { address, ca, ...stranger }));
  await failed(opened(consul, { address, ...client }).read(key, soon()), "tls-refused");
  await failed(opened(consul, { address, ca, cert: client.cert }).read(key, soon()), "client-certificate-unreadable");
  const missing = { address, ca, cert: "/does/not/exist", key: client.key };
  await failed(opened(consul, missing).read(key, soon()), "client-certificate-unreadable");
});

test("a watch on a key that is missing does not ask as fast as others write", async () => {
  await using proxy = await startFaultProxy(plain.endpoint);
  const store = opened(consul, { address: proxy.endpoint });
  const other = opened(consul, { address: plain.endpoint });
  const stop = new AbortController();
  const noise = (async () => {
    while (!stop.signal.aborted) await other.put(freshKey(), bytes("noise"), soon());
  })();

  await store.watch?.(freshKey(), undefined, 2_000, soon());

  stop.abort();
  await noise;
  assert.ok(proxy.seen.length < 15, `it asked ${proxy.seen.length} times`);
});

test("an index that went back ends a watch, for the store may have been restored", async () => {
  await using proxy = await startFaultProxy(plain.endpoint);
  const store = opened(consul, { address: proxy.endpoint });
  const key = freshKey();
  const version = versionOf(await store.swap(key, bytes("1"), undefined, soon()));
  await store.read(key, soon());
  const started = performance.now();
  // What a restored store would answer: another, lower index than the one asked for.
  await store.watch?.(key, String(Number(version) + 1_000_000), 10_000, soon());

  assert.ok(performance.now() - started < 3_000);
});

test("a 404 that is not Consul's own is no word about the key", async () => {
  await using proxy = await startFaultProxy(plain.endpoint);
  const store = opened(consul, { address: `${proxy.endpoint}/wrong/path` });

  await failed(store.read(freshKey(), soon()), "rollout-store-refused");
});
