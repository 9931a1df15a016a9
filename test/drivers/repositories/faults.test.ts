import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, before, beforeEach, describe, test } from "node:test";
import { Failure, type FailureCode } from "../../../src/domain/failures/failure.ts";
import type { Marker } from "../../../src/domain/release.ts";
import { http } from "../../../src/drivers/repositories/http.ts";
import type { Downloaded, Repository } from "../../../src/drivers/repositories/repository.ts";
import { s3 } from "../../../src/drivers/repositories/s3.ts";
import { type Fault, type FaultProxy, startFaultProxy } from "../../servers/fault-proxy.ts";
import { type Nginx, startNginx } from "../../servers/nginx.ts";
import { made, makeWorld, type World, type WorldOptions } from "./world.ts";

const never = new AbortController().signal;
const content = randomBytes(400_000);
const digest = createHash("sha256").update(content).digest("hex");
const token = "bearer-token-of-the-test";
/** Time-outs and rates that a test can wait for. */
const hasty: WorldOptions = {
  limits: { connect: 500, head: 200, gap: 400 },
  rules: { minimumBytes: 10_000, minimumWindow: 300 },
};

describe("a hostile or broken server", () => {
  let nginx: Nginx;
  let proxy: FaultProxy;
  let elsewhere: FaultProxy;
  let world: World;
  let repository: Repository;
  let marker: Marker;
  let files = 0;

  before(async () => {
    nginx = await startNginx();
    proxy = await startFaultProxy(nginx.endpoint);
    elsewhere = await startFaultProxy();
    world = await makeWorld(hasty);
    await writeFile(join(nginx.www, "app"), content);
    repository = made(http, { url: proxy.endpoint, token, insecure: true }, { path: "app" }, world.ports);
  });
  beforeEach(async () => {
    proxy.use(undefined);
    const answer = await repository.check(undefined, never);
    assert.ok(answer.outcome === "found");
    marker = answer.marker;
  });
  after(async () => {
    await world[Symbol.asyncDispose]();
    await Promise.all([proxy.stop(), elsewhere.stop(), nginx.stop()]);
    assert.ok(!world.lines.join("\n").includes(token), "a secret was logged");
    assert.deepEqual(elsewhere.seen, [], "another origin was asked");
  });

  const fetchTo = (file: string, { limit = 1e6, by = world, as = marker } = {}): Promise<Downloaded> =>
    by.download(repository, { marker: as, file, limit, signal: never, onProgress: () => {} });
  const newFile = () => join(world.folder, `file${files++}`);
  const fetched = () => fetchTo(newFile());
  /** The fault for the first answers to a GET. */
  const first = (fault: Fault, times = 1) => {
    let left = times;
    proxy.use(({ method }) => (method === "GET" && left-- > 0 ? fault : undefined));
  };
  const always = (fault: Fault) => proxy.use(() => fault);
  const fails = async (promise: Promise<unknown>, code: FailureCode, message = /./) => {
    const met = await promise.then(
      () => assert.fail("it did not fail"),
      (error: unknown) => error,
    );
    assert.ok(met instanceof Failure, String(met));
    assert.equal(met.code, code, met.message);
    assert.match(met.message, message);
    assert.ok(!JSON.stringify(met.note).includes(token));
  };
  const gets = () => proxy.seen.filter(({ method }) => method === "GET").map(({ headers }) => headers.range);

  test("row 19: a body shorter than its stated length is continued where it broke off", async () => {
    first({ kind: "short", missing: 100_000 });

    const { digest: got } = await fetched();

    assert.equal(got, digest);
    assert.equal(gets().at(-1), "bytes=300000-");
  });

  test("row 19: a server that always cuts is given up after a few tries, and what came is kept", async () => {
    always({ kind: "cut", after: 0 });
    const file = newFile();
    await fails(fetchTo(file), "connection-cut");
    first({ kind: "cut", after: 150_000 });

    const { digest: got } = await fetchTo(file);

    assert.equal(got, digest);
  });

  test("row 19: a server that cuts every answer but sends something new each time is followed to the end", async () => {
    always({ kind: "cut", after: 40_000 });

    const { digest: got } = await fetched();

    assert.equal(got, digest);
  });

  test("row 20: a cut that looks like an end is seen by the length that the check told", async () => {
    first({ kind: "cut-unmarked", after: 200_000 });

    const { digest: got } = await fetched();

    assert.equal(got, digest);
  });

  test("row 20: a content of which nothing tells the end is refused", async () => {
    always({ kind: "cut-unmarked", after: 200_000 });
    const { size: _, ...sizeless } = marker;

    await fails(fetchTo(newFile(), { as: sizeless }), "download-length-unknown");
  });

  test("row 21: an endless body is stopped at its stated length or at the limit, and leaves nothing behind", async () => {
    always({ kind: "endless" });
    const { size: _, ...sizeless } = marker;
    const file = newFile();

    await fails(fetchTo(file), "download-damaged", /more than the 400000 bytes/);
    await fails(fetchTo(file, { limit: 450_000, as: sizeless }), "download-too-long");

    await assert.rejects(stat(file), { code: "ENOENT" });
  });

  test("row 21: bytes after the stated length are not taken", async () => {
    always({ kind: "extra", bytes: 5000 });

    const { digest: got, size } = await fetched();

    assert.deepEqual([got, size], [digest, content.length]);
  });

  test("row 22: right length but other bytes than the store states are fetched again, then refused", async () => {
    const stated = { ...marker, sha256: digest };
    first({ kind: "flip", at: 1000 });
    const healed = await fetchTo(newFile(), { as: stated });
    assert.equal(healed.digest, digest);
    always({ kind: "flip", at: 1000 });
    const file = newFile();

    await fails(fetchTo(file, { as: stated }), "download-damaged", /SHA-256 [0-9a-f]{64} instead of/);

    await assert.rejects(stat(file), { code: "ENOENT" });
  });

  test("row 22: an MD5 that the store states is checked as well", async () => {
    const stated = { ...marker, md5: createHash("md5").update("other").digest("hex") };

    await fails(fetchTo(newFile(), { as: stated }), "download-damaged", /MD5/);
  });

  test("row 23: an encoded answer is refused, and none is asked for", async () => {
    always({ kind: "encode" });

    await fails(fetched(), "answer-encoded", /gzip/);

    assert.equal(proxy.seen.at(-1)?.headers["accept-encoding"], "identity");
  });

  test("row 24: a dripping body is given up by its rate", async () => {
    always({ kind: "drip", bytesPerSecond: 200 });

    await fails(fetched(), "download-too-slow", /less than .* in 300ms/);
  });

  test("row 24: a download as a whole has a deadline", async () => {
    await using short = await makeWorld({ rules: { deadline: 200, minimumBytes: 0 } });
    always({ kind: "drip", bytesPerSecond: 500 });

    await fails(fetchTo(newFile(), { by: short }), "download-too-slow", /not finished after 200ms/);
  });

  for (const [why, fault, code] of [
    ["headers without an end", { kind: "endless-head" }, "timed-out"],
    ["a server that takes the request and is silent", { kind: "silence" }, "timed-out"],
    ["a head that is too long", { kind: "huge-head" }, "answer-malformed"],
    ["a connection that is reset", { kind: "reset" }, "connection-failed"],
  ] as const) {
    test(`row 25: ${why} ends in ${code}, and the next check works`, async () => {
      proxy.use(({ method }) => (method === "GET" || fault.kind === "silence" ? fault : undefined));

      await fails(fault.kind === "silence" ? repository.check(undefined, never) : fetched(), code);

      proxy.use(undefined);
      assert.deepEqual(await repository.check(marker, never), { outcome: "unchanged" });
    });
  }

  test("row 26: a storm of 5xx and 429 is waited out", async () => {
    proxy.use((_, nth) => (nth < 3 ? { kind: "status", status: [503, 429, 500][nth]! } : undefined));

    assert.equal((await fetched()).digest, digest);
  });

  test("row 26: Retry-After is honoured", async () => {
    first({ kind: "status", status: 503, headers: { "retry-after": "1" } });
    const start = performance.now();

    await fetched();

    assert.ok(performance.now() - start >= 1000);
  });

  test("row 26: a store that stays busy is given up and said to be", async () => {
    always({ kind: "status", status: 503 });

    await fails(fetched(), "store-busy", /503/);
    await fails(repository.check(marker, never), "store-busy", /503/);
  });

  test("rows 29 and 30: a redirect is never followed, by name of where it leads, without its query", async () => {
    for (const to of [`${elsewhere.endpoint}/x?signature=abc`, "http://169.254.169.254/latest/meta-data/"]) {
      for (const status of [301, 302, 303, 307, 308]) {
        always({ kind: "redirect", status, to });

        await fails(repository.check(undefined, never), "store-redirects", /elsewhere \(answer 30\d to http:[^?]*\)/);
        await fails(fetched(), "store-redirects");
      }
    }
  });

  test("row 32: proxy variables of the environment change nothing", async () => {
    const names = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "ALL_PROXY", "NODE_USE_ENV_PROXY"];
    const kept = names.map((name) => [name, process.env[name]] as const);
    for (const name of names) process.env[name] = name === "NODE_USE_ENV_PROXY" ? "1" : elsewhere.endpoint;
    await using poisoned = await makeWorld();
    const asking = made(http, { url: proxy.endpoint }, { path: "app" }, poisoned.ports);

    const answer = await asking.check(undefined, never);
    for (const [name, value] of kept) {
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }

    assert.equal(answer.outcome, "found");
  });

  test("row 33: other bytes under the same ETag are told by their digest", async () => {
    const before = await fetched();
    first({ kind: "flip", at: 5 });

    const after = await fetched();

    assert.notEqual(after.digest, before.digest);
  });

  test("row 34: a server that ignores If-Match cannot mix two contents", async () => {
    const file = newFile();
    await writeFile(join(nginx.www, "app"), randomBytes(500_000));
    always({ kind: "ignore", headers: ["if-match"] });

    await fails(fetchTo(file), "artifact-changed");

    await writeFile(join(nginx.www, "app"), content);
  });

  test("row 34: a server that ignores ranges sends the whole again", async () => {
    proxy.use((_, nth) => (nth === 0 ? { kind: "cut", after: 100_000 } : { kind: "ignore", headers: ["range"] }));
    const file = newFile();

    const { digest: got } = await fetchTo(file);

    assert.equal(got, digest);
    assert.ok((await readFile(file)).equals(content));
  });

  test("row 35: an old answer is an answer about old content: its content does not open", async () => {
    await repository.check(undefined, never);
    await writeFile(join(nginx.www, "app"), randomBytes(450_000));
    proxy.use(({ method }) => (method === "HEAD" ? { kind: "stale" } : undefined));

    const answer = await repository.check(undefined, never);
    assert.ok(answer.outcome === "found");

    await assert.rejects(repository.open(answer.marker, 0, never), { code: "artifact-changed" });
    await writeFile(join(nginx.www, "app"), content);
  });

  test("row 29: a redirect does not carry S3 credentials away either", async () => {
    const keys = { accessKey: "access-key", secret: "secret-key-of-the-test", token: "session-token-of-the-test" };
    const store = made(s3, { ...keys, endpoint: proxy.endpoint }, { bucket: "bucket", path: "app" }, world.ports);
    always({ kind: "redirect", status: 307, to: `${elsewhere.endpoint}/bucket/app` });

    await fails(store.check(undefined, never), "store-redirects");
  });

  test("the region that a redirect of S3 names is the remedy", async () => {
    const keys = { accessKey: "access-key", secret: "secret-key-of-the-test", endpoint: proxy.endpoint };
    const store = made(s3, keys, { bucket: "bucket", path: "app" }, world.ports);
    always({ kind: "status", status: 301, headers: { "x-amz-bucket-region": "eu-west-3" } });

    await fails(store.check(undefined, never), "region-wrong", /in the region eu-west-3, not in us-east-1/);
  });
});
