import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { after, before, test } from "node:test";
import { s3 } from "../../../../src/drivers/repositories/s3.ts";
import { type FaultProxy, startFaultProxy } from "../../../servers/fault-proxy.ts";
import { made, makeWorld, type World } from "../world.ts";

/** What Amazon answers, as its reference has it; the answers are made here, since no store on one machine gives them. */

const hex = createHash("md5").update("content").digest("hex");
const sha256 = createHash("sha256").update("content").digest();
let proxy: FaultProxy;
let world: World;
before(async () => {
  proxy = await startFaultProxy();
  world = await makeWorld();
});
after(async () => {
  await world[Symbol.asyncDispose]();
  await proxy.stop();
});

async function markerFrom(headers: Record<string, string>, bucket = "bucket") {
  proxy.use(() => ({ kind: "status", status: 200, headers: { "content-length": "7", ...headers } }));
  const keys = { accessKey: "key", secret: "secret", endpoint: proxy.endpoint };
  const answer = await made(s3, keys, { bucket, path: "x" }, world.ports).check(
    undefined,
    new AbortController().signal,
  );
  assert.ok(answer.outcome === "found");
  return answer.marker;
}

test("an ETag is an MD5 only where Amazon says so", async () => {
  const etag = `"${hex}"`;

  assert.equal((await markerFrom({ etag })).md5, hex);
  assert.equal((await markerFrom({ etag, "x-amz-server-side-encryption": "AES256" })).md5, hex);
  for (const [headers, bucket] of [
    [{ etag: `"${hex}-3"` }],
    [{ etag, "x-amz-server-side-encryption": "aws:kms" }],
    [{ etag, "x-amz-server-side-encryption": "aws:kms:dsse" }],
    [{ etag, "x-amz-server-side-encryption-customer-algorithm": "AES256" }],
    [{ etag }, "bucket--use1-az4--x-s3"],
  ] as const) {
    assert.equal((await markerFrom(headers, bucket)).md5, undefined, JSON.stringify(headers));
  }
});

test("a SHA-256 of the whole object is taken, one of its pieces is not", async () => {
  const header = { etag: '"x"', "x-amz-checksum-sha256": sha256.toString("base64") };

  assert.equal((await markerFrom(header)).sha256, sha256.toString("hex"));
  assert.equal((await markerFrom({ ...header, "x-amz-checksum-type": "FULL_OBJECT" })).sha256, sha256.toString("hex"));
  assert.equal((await markerFrom({ ...header, "x-amz-checksum-type": "COMPOSITE" })).sha256, undefined);
  assert.equal(
    (await markerFrom({ etag: '"x"', "x-amz-checksum-sha256": `${sha256.toString("base64")}-2` })).sha256,
    undefined,
  );
  assert.equal(proxy.seen.at(-1)?.headers["x-amz-checksum-mode"], "ENABLED");
});

test("the version of a bucket that never kept versions is none", async () => {
  assert.equal((await markerFrom({ etag: '"x"', "x-amz-version-id": "null" })).version, undefined);
  assert.equal((await markerFrom({ etag: '"x"', "x-amz-version-id": "v1" })).version, "v1");
});
