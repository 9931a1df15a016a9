import assert from "node:assert/strict";
import { after, before, beforeEach, describe, test } from "node:test";
import { Failure } from "../../../src/domain/failures/failure.ts";
import type { Marker } from "../../../src/domain/release.ts";
import type { Repository } from "../../../src/drivers/repositories/repository.ts";
import { s3 } from "../../../src/drivers/repositories/s3.ts";
import { decoded } from "../../contracts/hook.ts";
import { monday, ours } from "../../domain/publishing/fixture.ts";
import { administer } from "../../drivers/stores/buckets.ts";
import { type Ceph, startCeph } from "../../servers/ceph.ts";
import { type Fault, type FaultProxy, type SeenRequest, startFaultProxy } from "../../servers/fault-proxy.ts";
import { type Follower, makePlace, type Place } from "./fixture.ts";
import { createPublisher, type Publisher } from "./publisher.ts";

const { signal } = new AbortController();
const files = (text: string) => ({ "page.txt": text.repeat(5000) });

/** A real S3 store, and a proxy before it that breaks what it is told to. */
describe("a channel in a bucket, on a way that is broken:", () => {
  let ceph: Ceph;
  let proxy: FaultProxy;
  let place: Place;
  let publisher: Publisher;
  let host: Follower;
  let number = 0;
  before(async () => {
    ceph = await startCeph({ version: "20" });
    proxy = await startFaultProxy(ceph.endpoint);
    await administer(ceph.endpoint, ceph, "PUT", "/bucket");
    place = await makePlace();
  });
  after(async () => {
    await place[Symbol.asyncDispose]();
    await proxy.stop();
    await ceph.stop();
  });

  const put = async (path: string, bytes: Uint8Array) => {
    await administer(ceph.endpoint, ceph, "PUT", `/bucket/${path}`, {}, Buffer.from(bytes));
  };
  beforeEach(async () => {
    proxy.use(undefined);
    number += 1;
    const path = `web${number}`;
    const shelf = { put: (key: string, bytes: Uint8Array) => put(`${path}/${key}`, bytes) };
    publisher = createPublisher(shelf, { key: ours, created: () => monday });
    await publisher.push("1.4.1", files("one"));
    await publisher.push("1.4.2", files("two"));
    await publisher.promote("1.4.1");
    const options = decoded(s3.options, {
      endpoint: proxy.endpoint,
      accessKey: ceph.accessKey,
      secret: ceph.secretKey,
    });
    const artifact = decoded(s3.artifact, { bucket: "bucket", path });
    host = place.follow("stable", {
      objectAt: (key): Repository => s3.create(options, s3.below(artifact, key), place.ports),
    });
  });
  const breaking = (fault: Fault, which: (request: SeenRequest) => boolean, times = Number.POSITIVE_INFINITY) => {
    let left = times;
    proxy.use((request) => (which(request) && left-- > 0 ? fault : undefined));
  };
  const isPointer = ({ path }: SeenRequest) => path.includes("/channels/");
  const isRead = (request: SeenRequest) => request.method === "GET" && isPointer(request);
  const isContent = ({ method, path }: SeenRequest) => method === "GET" && path.includes("/artifacts/");
  const fails = async (work: Promise<unknown>) => {
    const thrown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    );
    assert.ok(thrown instanceof Failure, String(thrown));
    return thrown.code;
  };
  const download = (marker: Marker) => place.download(host.repository, marker);

  test("a check without a change is one conditional HEAD, and one with a change a HEAD and a GET", async () => {
    const first = await host.check();
    const before = proxy.seen.length;
    await host.unchanged(first);
    await publisher.promote("1.4.2");
    await host.check(first);

    const asked = proxy.seen.slice(before).map(({ method, headers }) => `${method} ${"if-none-match" in headers}`);
    assert.deepEqual(asked, ["HEAD true", "HEAD true", "GET false"]);
  });

  test("row 34: a channel that is promoted between the question and the answer is read as it is then", async () => {
    let raced = false;
    proxy.use((request) => {
      if (!isRead(request) || raced) return undefined;
      raced = true;
      return { kind: "late", milliseconds: 700 };
    });
    const checking = host.check();
    while (!raced) await new Promise((resolve) => setImmediate(resolve));
    await publisher.promote("1.4.2");

    assert.equal((await checking).published?.version, "1.4.2");
  });

  test("row 34: content that is replaced while it comes is never mixed, and is what was signed in the end", async () => {
    const marker = await host.check();
    const { key, sha256 } = publisher.release("1.4.1").release.artifact;
    const path = `web${number}/${key}`;
    const right = Buffer.from(await (await fetchObject(path)).arrayBuffer());
    breaking({ kind: "cut", after: 100 }, isContent, 1);
    await put(path, right);
    assert.equal((await download(marker)).digest, sha256);

    const wrong = Buffer.from(right.map((byte) => byte ^ 1));
    await put(path, wrong);
    const first = await fails(download(marker));
    assert.deepEqual([first, await fails(download(marker))], ["artifact-changed", "artifact-not-as-published"]);
    await put(path, right);
    assert.equal(await fails(download(marker)), "artifact-changed");
    assert.equal((await download(marker)).digest, sha256);
  });

  test("row 35: an old answer that a cache gives is refused, and what is new is taken once it comes through", async () => {
    breaking({ kind: "stale" }, isPointer);
    const first = await host.check();
    await publisher.promote("1.4.2");
    proxy.use(undefined);
    const second = await host.check(first);
    breaking({ kind: "stale" }, isPointer);
    await host.refuses("document-older");
    proxy.use(undefined);
    await host.unchanged(second);
  });

  test("row 41: answers without an end, cut or altered end in a failure, and the next check is as good as ever", async () => {
    const faults: readonly Fault[] = [
      { kind: "endless" },
      { kind: "cut", after: 100 },
      { kind: "cut-unmarked", after: 100 },
      { kind: "short", missing: 10 },
      { kind: "extra", bytes: 100_000 },
      { kind: "flip", at: 5 },
      { kind: "flip", at: 300 },
      { kind: "encode" },
      { kind: "reset" },
      { kind: "status", status: 503 },
      { kind: "redirect", status: 302, to: "http://127.0.0.1:1/" },
    ];
    for (const fault of faults) {
      breaking(fault, isRead);
      const other = host.again();
      const answer = await other.repository.check(undefined, signal).catch((reason: unknown) => reason);
      const isComment = fault.kind === "flip" && fault.at === 5;
      const isGood = answer instanceof Failure || fault.kind === "extra" || isComment;
      assert.ok(isGood, `${JSON.stringify(fault)}: ${JSON.stringify(answer)}`);
      proxy.use(undefined);
      assert.equal((await other.check()).published?.version, "1.4.1");
    }
  });

  test("row 33: content that is altered, longer or shorter on its way is never taken", async () => {
    const marker = await host.check();
    for (const fault of [
      { kind: "flip", at: 50 },
      { kind: "short", missing: 10 },
    ] as const) {
      breaking(fault, isContent);
      assert.match(await fails(download(marker)), /^(artifact-not-as-published|connection-cut|answer-malformed)$/);
    }
    proxy.use(undefined);
    assert.equal((await download(marker)).digest, marker.sha256);
  });

  test("row 36: a channel that is promoted before its content is there", async () => {
    const { key } = publisher.release("1.4.1").release.artifact;
    const marker = await host.check();
    await administer(ceph.endpoint, ceph, "DELETE", `/bucket/web${number}/${key}`);
    assert.equal(await fails(download(marker)), "artifact-missing");
  });

  async function fetchObject(path: string): Promise<Response> {
    const object = s3.create(
      decoded(s3.options, { endpoint: ceph.endpoint, accessKey: ceph.accessKey, secret: ceph.secretKey }),
      decoded(s3.artifact, { bucket: "bucket", path }),
      place.ports,
    );
    const answer = await object.check(undefined, signal);
    assert.ok(answer.outcome === "found");
    const body = await object.open(answer.marker, 0, signal);
    return new Response(ReadableStream.from(body.chunks));
  }
});
