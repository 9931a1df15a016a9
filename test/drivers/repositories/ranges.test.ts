import assert from "node:assert/strict";
import { createHash, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { http } from "../../../src/drivers/repositories/http.ts";
import { made, makeWorld } from "./world.ts";

const never = new AbortController().signal;
const content = randomBytes(200_000);
const size = content.length;
const digest = createHash("sha256").update(content).digest("hex");
const head = { etag: '"strong"', "content-type": "application/octet-stream" };

type Answer = (from: number, response: ServerResponse, request: IncomingMessage) => void;

/** Downloads from a server that answers each GET, by its number, in a way of its own; the last way goes for all others. */
async function fetchFrom(t: TestContext, ...ways: readonly Answer[]) {
  let gets = 0;
  const server = createServer((request, response) => {
    response.on("error", () => undefined);
    if (request.method === "HEAD") {
      response.writeHead(200, { ...head, "content-length": size }).end();
      return;
    }
    const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
    ways[Math.min(gets++, ways.length - 1)]?.(from, response, request);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const world = await makeWorld({ limits: { gap: 500 } });
  t.after(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    await world[Symbol.asyncDispose]();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/app`;
  const repository = made(http, {}, { url }, world.ports);
  const answer = await repository.check(undefined, never);
  assert.ok(answer.outcome === "found");
  const file = join(world.folder, "file");
  return world.download(repository, { marker: answer.marker, file, limit: 1e6, signal: never, onProgress: () => {} });
}

function part(response: ServerResponse, from: number, to = size, stated = from): void {
  const range = `bytes ${stated}-${stated + (to - from) - 1}/${size}`;
  response.writeHead(206, { ...head, "content-length": to - from, "content-range": range });
  response.end(content.subarray(from, to));
}

const honest: Answer = (from, response) => part(response, from);
const cutAfter =
  (length: number): Answer =>
  (_, response) => {
    response.writeHead(200, { ...head, "content-length": size });
    response.write(content.subarray(0, length), () => response.destroy());
  };

test("a part that begins elsewhere than asked for is never put together with what is there", async (t) => {
  const later: Answer = (from, response) => part(response, from + 50_000);

  const { digest: got } = await fetchFrom(t, cutAfter(50_000), later, honest);

  assert.equal(got, digest);
});

test("a part that nobody asked for is not taken for the beginning", async (t) => {
  const { digest: got } = await fetchFrom(t, (_, response) => part(response, 60_000), honest);

  assert.equal(got, digest);
});

test("a server that only ever sends other parts is given up", async (t) => {
  const other: Answer = (from, response) => part(response, Math.min(from + 1000, size - 1));

  await assert.rejects(fetchFrom(t, cutAfter(50_000), other), { code: "answer-malformed" });
});

test("a whole answer to a request for the rest is taken from its beginning", async (t) => {
  const whole: Answer = (_, response) => response.writeHead(200, { ...head, "content-length": size }).end(content);

  const { digest: got } = await fetchFrom(t, cutAfter(50_000), whole);

  assert.equal(got, digest);
});

test("parts in several pieces are refused", async (t) => {
  const several: Answer = (_, response) => {
    response.writeHead(206, { ...head, "content-type": "multipart/byteranges; boundary=x", "content-length": 5 });
    response.end("--x--");
  };

  await assert.rejects(fetchFrom(t, cutAfter(50_000), several), { code: "answer-malformed" });
});

test("an answer with a length and chunks at once is refused (RFC 9112, section 6.3)", async (t) => {
  const both: Answer = (_, response) => {
    response.socket?.end(
      `HTTP/1.1 200 OK\r\netag: "strong"\r\ncontent-length: ${size}\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n`,
    );
  };

  await assert.rejects(fetchFrom(t, both), { code: "answer-malformed" });
});

test("interim answers are skipped, also many of them", async (t) => {
  const interim: Answer = (from, response) => {
    for (let nth = 0; nth < 20; nth += 1) response.writeEarlyHints({ link: "</x>; rel=preload" });
    honest(from, response, response.req);
  };

  const { digest: got } = await fetchFrom(t, interim);

  assert.equal(got, digest);
});
