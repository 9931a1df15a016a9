import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { after, test } from "node:test";
import { promisify } from "node:util";
import { parseAddress } from "../../../src/drivers/stores/redis/address.ts";
import { redis } from "../../../src/drivers/stores/redis.ts";
import { startGuardedRedis, startRedis, startSecureRedis, startSentinelRedis } from "../../servers/redis.ts";
import { startTcpProxy } from "../../servers/tcp-proxy.ts";
import { commonPromises } from "./common-promises.ts";
import { assertCounted, countTogether, tallyOf } from "./counting.ts";
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

const run = promisify(execFile);
const plain = await startRedis();
const guarded = await startGuardedRedis();
after(async () => {
  await plain.stop();
  await guarded.stop();
});
const { address } = plain;
const safety = "best-effort";

const cli = async (server: string, ...command: string[]) => {
  const [host = "", port = ""] = server.split(":");
  return (await run("redis-cli", ["-h", host, "-p", port, ...command], { timeout: 5_000 })).stdout.trim();
};
const at = (server: string, more: Record<string, unknown> = {}, ports = storePorts()) =>
  opened(redis, { safety, address: server, ...more }, ports);

const admin = ["-a", guarded.password, "--no-auth-warning"];
// As the guide says it.
const rights = "~dropship:* &dropship:* +eval +hget +hset +hmget +publish +subscribe +unsubscribe +scan +del +role";
await cli(guarded.address, ...admin, "acl", "setuser", "host", "on", ">pw", ...rights.split(" "));

commonPromises("redis", () => at(address));
commonPromises("redis with a password and a database", () =>
  at(guarded.address, { password: guarded.password, database: 3 }),
);

commonPromises("redis with exactly the rights it needs", () => at(guarded.address, { user: "host", password: "pw" }));

test("what Redis can promise has to be said, and nothing better can be", () => {
  const { safety: option } = redis.options;

  assert.equal(option.required, true);
  assert.match(option.summary, /may lose a write that it acknowledged.*more hosts than the limit/);
  assert.ok("expected" in option.decode("strict"));
  assert.equal(at(address).safety, "best-effort");
});

test("a swap whose answer is lost is unknown, was sent once, and is read back", async () => {
  await using proxy = await startTcpProxy(address);
  const key = freshKey();
  const store = at(proxy.address);
  assert.equal(await store.read(key, soon()), undefined);
  proxy.takeSent();

  proxy.use("cut");
  const swap = await store.swap(key, bytes("once only"), undefined, soon());
  const sent = proxy.takeSent();
  proxy.use("none");

  assert.equal(swap.outcome, "unknown");
  assert.equal(sent.split("once only").length - 1, 1);
  assert.equal(await textAt(store, key), "once only", "the next call makes a new connection");
  assert.equal(proxy.takeSent().includes("once only"), false, "nothing is sent again");
  store.close();
});

test("a server that says nothing is waited for until the deadline, and what it says later is for nobody", async () => {
  await using proxy = await startTcpProxy(address);
  const key = freshKey();
  const store = at(proxy.address, {}, storePorts({ clock: impatientClock(300) }));
  const version = versionOf(await store.swap(key, bytes("1"), undefined, soon()));

  proxy.use("mute");
  const swap = await store.swap(key, bytes("2"), version, soon());
  await failed(store.read(key, soon()), "rollout-store-unanswered");
  proxy.use("none");

  assert.equal(swap.outcome, "unknown");
  assert.equal(await reached(() => textAt(store, key).catch(() => undefined)), "2");
  store.close();
});

test("a caller that stops waiting does not disturb the others on the connection", async () => {
  const store = at(address);
  const key = freshKey();
  await store.read(key, soon());
  const impatient = new AbortController();

  const others = Array.from({ length: 50 }, (_, place) => store.swap(`${key}${place}`, bytes("1"), undefined, soon()));
  const given = store.read(key, impatient.signal);
  impatient.abort(new Error("enough"));

  await assert.rejects(given, /enough/);
  for (const swap of await Promise.all(others)) assert.equal(swap.outcome, "swapped");
  store.close();
});

test("where nothing listens a swap was certainly not done, and no error goes astray", async () => {
  const gone = await startTcpProxy(address);
  await gone[Symbol.asyncDispose]();
  const store = at(gone.address);

  await failed(store.swap(freshKey(), bytes("1"), undefined, soon()), "rollout-store-unanswered");
  await failed(store.read(freshKey(), soon()), "rollout-store-unanswered");
  await failed(store.watch?.(freshKey(), undefined, 2_000, soon()) ?? Promise.resolve(), "rollout-store-unanswered");
  store.close();
});

test("a store that was closed lets the process end and is not opened again", async () => {
  const code = `
    const { redis } = await import(${JSON.stringify(new URL("../../../src/drivers/stores/redis.ts", import.meta.url).href)});
    const { storePorts, opened } = await import(${JSON.stringify(new URL("./opened.ts", import.meta.url).href)});
    const store = opened(redis, { safety: "best-effort", address: "${address}" }, storePorts());
    await store.read("a/b", AbortSignal.timeout(5000));
    const watch = store.watch("a/b", undefined, 60000, new AbortController().signal).catch((error) => error.code);
    await new Promise((resolve) => setTimeout(resolve, 200));
    store.close();
    const after = await store.read("a/b", AbortSignal.timeout(5000)).catch((error) => error.code);
    console.log(after, await watch);
  `;

  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", code], { timeout: 20_000 });

  assert.equal(stdout.trim(), "rollout-store-unanswered rollout-store-unanswered");
});

test("a wrong password, none, and rights that do not reach are refused by name, and nothing is written", async () => {
  const key = freshKey();
  await cli(guarded.address, ...admin, "acl", "setuser", "silent", "on", ">pw", "~dropship:*", "+@all");

  const wrong = await failed(at(guarded.address, { password: "guess" }).read(key, soon()), "rollout-store-refused");
  const none = await failed(at(guarded.address).read(key, soon()), "rollout-store-refused");
  const narrow = at(guarded.address, { user: "host", password: "pw", prefix: "other" });
  const denied = await failed(narrow.swap(key, bytes("1"), undefined, soon()), "rollout-store-refused");
  // May write, but not tell anybody: the script fails before it writes.
  const silent = at(guarded.address, { user: "silent", password: "pw" });
  await failed(silent.swap(key, bytes("1"), undefined, soon()), "rollout-store-refused");
  assert.equal(await silent.read(key, soon()), undefined);
  const right = at(guarded.address, { user: "host", password: "pw" });

  versionOf(await right.swap(key, bytes("1"), undefined, soon()));
  assert.match(wrong.message, /WRONGPASS/);
  assert.doesNotMatch(wrong.message, /guess/);
  assert.match(none.message, /NOAUTH/);
  assert.match(denied.message, /NOPERM|permission/i);
  for (const store of [narrow, silent, right]) store.close();
});

test("a message that nobody hears is made up for by looking", async () => {
  const store = at(address);
  const key = freshKey();
  const version = versionOf(await store.swap(key, bytes("1"), undefined, soon()));
  const started = performance.now();

  const watch = store.watch?.(key, version, 20_000, soon());
  await new Promise((resolve) => setTimeout(resolve, 300));
  // Behind the script's back, so that nothing is published.
  await cli(address, "hset", `dropship:${key}`, "version", "f".repeat(32));
  await watch;

  assert.ok(performance.now() - started < 5_000);
  store.close();
});

test("over TLS the host shows its certificate; to a server it does not trust it says nothing", async () => {
  await using server = await startSecureRedis();
  const { ca, client } = server.certificates;
  const key = freshKey();

  const store = at(server.address, { tls: true, ca, ...client });
  versionOf(await store.swap(key, bytes("1"), undefined, soon()));
  const byScheme = at(`rediss://${server.address}`, { ca, ...client });

  assert.equal(await textAt(byScheme, key), "1");
  await failed(at(server.address, { tls: true, ...client }).read(key, soon()), "tls-refused");
  await certificateRefused(at(server.address, { tls: true, ca }));
  for (const one of [store, byScheme]) one.close();
});

test("a replica is refused: it would read what was long ago", async () => {
  await using server = await startSentinelRedis();
  const store = at(server.replica);

  const refused = await failed(store.read(freshKey(), soon()), "rollout-store-refused");

  assert.match(refused.message, /replica/);
  store.close();
});

test("through sentinels the new master is found; what it never heard of is gone, and the store says what is there", async () => {
  await using server = await startSentinelRedis();
  const { sentinels } = server;
  const store = at("127.0.0.1:1", { sentinels, master: "m" });
  const key = freshKey();
  const kept = versionOf(await store.swap(key, bytes("kept"), undefined, soon()));
  await reached(async () => (await cli(server.replica, "hget", `dropship:${key}`, "bytes")) === "kept");
  // The replica hears nothing more, and the master goes down after it acknowledged one more write.
  server.pause("redis1");
  const lost = versionOf(await store.swap(key, bytes("lost"), kept, soon()));
  process.kill(server.processes.get("redis0") ?? 0, "SIGKILL");
  server.resume("redis1");

  const found = await reached(() => store.read(key, soon()).catch(() => undefined));
  const text = new TextDecoder().decode(found?.bytes);
  const next = await store.swap(key, bytes("next"), lost, soon());

  // Redis may or may not have lost it; what must not happen is that the store pretends.
  assert.ok(["kept", "lost"].includes(text), text);
  assert.equal(found?.version, text === "kept" ? kept : lost);
  assert.equal(next.outcome, text === "kept" ? "conflict" : "swapped");
  store.close();
});

test("eight who count lose nothing while connections are cut again and again", async () => {
  await using proxy = await startTcpProxy(address);
  const key = freshKey();
  const stores = Array.from({ length: 8 }, () => at(proxy.address));

  const counting = countTogether(stores, key, 150, 60_000);
  const stop = new AbortController();
  const cutting = (async () => {
    while (!stop.signal.aborted) {
      proxy.use("cut");
      await new Promise((resolve) => setTimeout(resolve, 5));
      proxy.use("none");
      await new Promise((resolve) => setTimeout(resolve, 15));
    }
  })();
  await counting.finished;
  stop.abort();
  await cutting;

  assert.ok(counting.unknown > 0, "some swaps had no answer");
  assertCounted(tallyOf((await stores[0]?.read(key, soon()))?.bytes), 8, 150);
  for (const store of stores) store.close();
});

test("an address is a host and a port, and nothing secret", () => {
  assert.deepEqual(parseAddress("redis.example.com"), { host: "redis.example.com", port: 6379, secure: false });
  assert.deepEqual(parseAddress("rediss://[::1]:7000/"), { host: "::1", port: 7000, secure: true });
  for (const bad of ["", "redis://u:p@h:1", "h:0", "h:70000", "http://h", "h/1", "a b"]) {
    assert.equal(parseAddress(bad), undefined, bad);
  }
  assert.equal(at("h:1", { password: "hidden" }).place, "redis h:1 (prefix dropship)");
});

async function reached<Value>(probe: () => Promise<Value>): Promise<NonNullable<Value>> {
  const end = performance.now() + 30_000;
  while (performance.now() < end) {
    const value = await probe();
    if (value) return value;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return assert.fail("it never came");
}
