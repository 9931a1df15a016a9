import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { startCeph } from "./ceph.ts";
import { startConsul, startConsulCluster } from "./consul.ts";
import { startGraphite } from "./graphite.ts";
import { startNginx, startSecureNginx } from "./nginx.ts";
import { startKeystoneSwift, startSwift } from "./swift.ts";

const soon = () => AbortSignal.timeout(20_000);

test("nginx serves a file with an ETag, and guards what it should", async () => {
  await using nginx = await startNginx();
  await writeFile(join(nginx.www, "a.txt"), "hello");

  const plain = await fetch(`${nginx.endpoint}/a.txt`, { signal: soon() });
  const guarded = await fetch(`${nginx.endpoint}/auth/a.txt`, { signal: soon() });

  assert.equal(await plain.text(), "hello");
  assert.match(plain.headers.get("etag") ?? "", /^"[0-9a-f]+-5"$/);
  assert.equal(guarded.status, 401);
});

test("nginx speaks TLS with a certificate of its own", async () => {
  await using nginx = await startSecureNginx();

  await assert.rejects(fetch(`${nginx.secureEndpoint}/`, { signal: soon() }));
  assert.ok(existsSync(nginx.certificate));
});

for (const version of ["20", "16"] as const) {
  test(`Ceph ${version} answers as an S3 store that wants credentials`, async () => {
    await using ceph = await startCeph({ version });

    const answer = await fetch(`${ceph.endpoint}/bucket/key`, { signal: soon() });

    assert.ok([403, 404].includes(answer.status), `status ${answer.status}`);
    assert.match(await answer.text(), /AccessDenied|NoSuchBucket/);
  });
}

test("Swift gives a token for the right key only, and stores an object", async () => {
  await using swift = await startSwift();
  const enter = (key: string) =>
    fetch(swift.authUrl, { headers: { "x-auth-user": swift.user, "x-auth-key": key }, signal: soon() });

  const refused = await enter("wrong");
  const entered = await enter(swift.key);
  const storage = entered.headers.get("x-storage-url") ?? "";
  const headers = { "x-auth-token": entered.headers.get("x-auth-token") ?? "" };
  const container = await fetch(`${storage}/box`, { method: "PUT", headers, signal: soon() });
  const object = await fetch(`${storage}/box/a`, { method: "PUT", headers, body: "hello", signal: soon() });

  assert.equal(refused.status, 401);
  assert.equal(container.status, 201);
  assert.equal(object.status, 201);
  assert.equal(object.headers.get("etag"), "5d41402abc4b2a76b9719d911017c592");
});

test("Keystone gives a token with a catalogue, and Swift takes the token", async () => {
  await using swift = await startKeystoneSwift();
  const domain = { id: swift.domainId };
  const body = JSON.stringify({
    auth: {
      identity: {
        methods: ["password"],
        password: { user: { name: swift.user, domain, password: swift.password } },
      },
      scope: { project: { name: swift.project, domain } },
    },
  });
  const headers = { "content-type": "application/json" };

  const answer = await fetch(`${swift.authUrl}/auth/tokens`, { method: "POST", headers, body, signal: soon() });
  const { token } = (await answer.json()) as {
    token: { catalog: { type: string; endpoints: { interface: string; region: string; url: string }[] }[] };
  };
  const store = token.catalog.find(({ type }) => type === "object-store");
  const endpoint = store?.endpoints.find((one) => one.interface === "public" && one.region === swift.region);
  const container = await fetch(`${endpoint?.url}/box`, {
    method: "PUT",
    headers: { "x-auth-token": answer.headers.get("x-subject-token") ?? "" },
    signal: soon(),
  });

  assert.equal(answer.status, 201);
  assert.equal(container.status, 201);
});

test("Consul lists an event that was fired, and with rules refuses strangers", async () => {
  await using open = await startConsul();
  await using guarded = await startConsul({ acl: true });

  const fired = await fetch(`${open.endpoint}/v1/event/fire/deployed`, { method: "PUT", body: "x", signal: soon() });
  const events = await eventually(async () => {
    const list = (await (await fetch(`${open.endpoint}/v1/event/list`, { signal: soon() })).json()) as unknown[];
    return list.length > 0 ? list : undefined;
  });
  const refused = await fetch(`${guarded.endpoint}/v1/kv/a`, { method: "PUT", body: "x", signal: soon() });

  assert.equal(fired.status, 200);
  assert.equal(events.length, 1);
  assert.equal(refused.status, 403);
});

test("Graphite gives back an event that was posted", async () => {
  await using graphite = await startGraphite();
  const body = JSON.stringify({ what: "deployed", tags: ["web"], data: "v1" });

  const posted = await fetch(`${graphite.endpoint}/events/`, { method: "POST", body, signal: soon() });
  const events = await (await fetch(`${graphite.endpoint}/events/get_data?tags=web`, { signal: soon() })).json();

  assert.equal(posted.status, 200);
  assert.equal((events as { what: string }[])[0]?.what, "deployed");
});

test("a paused server hangs and a resumed one answers again", async () => {
  await using nginx = await startNginx();

  nginx.pause();
  await assert.rejects(fetch(nginx.endpoint, { signal: AbortSignal.timeout(300) }), { name: "TimeoutError" });
  nginx.resume();

  assert.ok((await fetch(nginx.endpoint, { signal: soon() })).status > 0);
});

test("a server that was killed comes back, with what it had on disk", async () => {
  await using cluster = await startConsulCluster();
  const key = `${cluster.endpoints[0]}/v1/kv/a?raw`;
  await fetch(key, { method: "PUT", body: "kept", signal: soon() });
  const before = cluster.processes.get("consul0");

  await cluster.restart("consul0");
  const kept = await eventually(async () => {
    const answer = await fetch(key, { signal: soon() }).catch(() => undefined);
    return answer?.ok ? await answer.text() : undefined;
  });

  assert.equal(kept, "kept");
  assert.notEqual(cluster.processes.get("consul0"), before);
});

test("stop ends every process and removes the folder", async () => {
  const nginx = await startNginx();

  await nginx.stop();

  assert.equal(existsSync(nginx.directory), false);
  await assert.rejects(fetch(nginx.endpoint, { signal: soon() }));
});

test("servers go when the process that started them is killed", async () => {
  const program = `
    import { startNginx } from ${JSON.stringify(join(import.meta.dirname, "nginx.ts"))};
    const nginx = await startNginx();
    process.stdout.write(nginx.directory, () => process.kill(process.pid, "SIGKILL"));`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });

  const directory = await text(child.stdout);
  const gone = await eventually(() => (existsSync(directory) ? undefined : true));

  assert.match(directory, /dropship-nginx-/);
  assert.equal(gone, true);
});

/** Asks until there is an answer, for at most ten seconds. */
async function eventually<Value>(ask: () => Value | undefined | Promise<Value | undefined>): Promise<Value> {
  const limit = performance.now() + 10_000;
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (performance.now() > limit) throw new Error("it did not come true in ten seconds");
    await sleep(50);
  }
}
