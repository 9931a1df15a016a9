import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type RequestListener } from "node:http";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterEach, test } from "node:test";
import { createHttpClient } from "../../src/platform/http.ts";
import type { SentBody } from "../../src/platform/ports.ts";
import { failed } from "../drivers/stores/opened.ts";

const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function client() {
  const made = createHttpClient({ connect: 400, head: 400, gap: 400 });
  cleanups.push(() => made.close());
  return made;
}

async function listening(server: Server): Promise<string> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const serve = (listener: RequestListener) => listening(createServer(listener));
const part = Buffer.alloc(64 * 1024, "dropship");

interface Watched extends SentBody {
  given: number;
  ended: boolean;
}

/** So many parts, and what became of them. */
function body(parts: number, length = parts * part.length): Watched {
  return {
    length,
    given: 0,
    ended: false,
    async *chunks() {
      try {
        for (let count = 0; count < parts; count += 1) {
          this.given += part.length;
          yield part;
        }
      } finally {
        this.ended = true;
      }
    },
  };
}

test("a long body is sent as it is read, with its length, and its connection is used again", async () => {
  const ports = new Set<number>();
  const heads: (string | undefined)[] = [];
  const url = await serve(async (request, response) => {
    ports.add(request.socket.remotePort ?? 0);
    heads.push(request.headers["content-length"], request.headers["transfer-encoding"]);
    response.end(
      createHash("md5")
        .update(await buffer(request))
        .digest("hex"),
    );
  });
  const http = client();
  const expected = createHash("md5")
    .update(Buffer.alloc(160 * part.length, "dropship"))
    .digest("hex");

  for (let round = 0; round < 2; round += 1) {
    const answer = await http.request({ method: "PUT", url, body: body(160) });
    assert.equal(await answer.text(100), expected);
  }

  assert.deepEqual(heads, [`${160 * part.length}`, undefined, `${160 * part.length}`, undefined]);
  assert.equal(ports.size, 1);
});

test("a refusal comes before the body is sent, and is heard", async () => {
  const server = createServer((_, response) => response.writeHead(403).end("no"));
  server.on("checkContinue", (_, response) => response.writeHead(403, { connection: "close" }).end("no"));
  const url = await listening(server);
  const sent = body(1600);

  const answer = await client().request({ method: "PUT", url, body: sent });

  assert.equal(answer.status, 403);
  assert.equal(await answer.text(100), "no");
  assert.equal(sent.given, 0);
});

test("a refusal in the middle of the body ends the sending, and the next request has a connection of its own", async () => {
  const ports = new Set<number>();
  const url = await serve((request, response) => {
    ports.add(request.socket.remotePort ?? 0);
    if (request.method === "GET") response.end("ok");
    else request.once("data", () => response.writeHead(507).end("full"));
  });
  const http = client();
  const sent = body(10_000);

  const answer = await http.request({ method: "PUT", url, body: sent });
  const text = await answer.text(100);
  const next = await http.request({ method: "GET", url });

  assert.deepEqual([answer.status, text, await next.text(10)], [507, "full", "ok"]);
  assert.ok(sent.given < sent.length);
  assert.equal(ports.size, 2);
});

test("a server that does not know how to be asked gets the body all the same", async () => {
  const server = createServer();
  server.on("checkContinue", async (request, response) => response.end(`${(await buffer(request)).length}`));
  const url = await listening(server);

  const answer = await client().request({ method: "PUT", url, body: body(3) });

  assert.equal(await answer.text(100), `${3 * part.length}`);
});

test("a server that takes nothing more is given up, and the body is closed", async () => {
  const url = await serve((request) => request.pause());
  const sent = body(10_000);

  const late = await failed(client().request({ method: "PUT", url, body: sent }), "timed-out");

  assert.match(late.message, /taking the next part of the request took longer than 400ms/);
  await until(() => sent.ended);
  assert.ok(sent.given < sent.length);
});

test("the time for the answer begins when the body is through", async () => {
  const url = await serve(async (request, response) => {
    for await (const _ of request) await new Promise((resolve) => setTimeout(resolve, 20));
    response.end("ok");
  });
  const slow: SentBody = {
    length: 20 * part.length,
    async *chunks() {
      for (let count = 0; count < 20; count += 1) {
        await new Promise((resolve) => setTimeout(resolve, 40));
        yield part;
      }
    },
  };

  const answer = await client().request({ method: "PUT", url, body: slow });
  const silent = await serve((request) => request.resume());
  const late = await failed(client().request({ method: "PUT", url: silent, body: body(3) }), "timed-out");

  assert.equal(await answer.text(10), "ok");
  assert.match(late.message, /the head of the answer took longer than 400ms/);
});

test("a connection that is reset in the middle of the body is a failure, and the body is closed", async () => {
  const server = createTcpServer((socket) => {
    socket.on("error", () => undefined);
    socket.once("data", () => {
      socket.write("HTTP/1.1 100 Continue\r\n\r\n");
      socket.once("data", () => socket.resetAndDestroy());
    });
  });
  const sent = body(10_000);

  await failed(client().request({ method: "PUT", url: await listening(server), body: sent }), "connection-failed");

  await until(() => sent.ended);
});

test("an abort in the middle of the body ends it with the caller's reason", async () => {
  const stopped = new AbortController();
  const reason = new Error("stopped by the caller");
  const server = createServer((request) => request.once("data", () => stopped.abort(reason)));
  const sent = body(10_000);

  const asked = client().request({ method: "PUT", url: await listening(server), body: sent, signal: stopped.signal });

  await assert.rejects(asked, (error) => error === reason);
  await until(() => sent.ended);
});

test("a body that is shorter or longer than it says, or that fails, is not sent as a whole", async () => {
  const received: number[] = [];
  const url = await serve((request, response) => {
    buffer(request).then(
      (whole) => {
        received.push(whole.length);
        response.end();
      },
      () => undefined,
    );
  });
  const broken: SentBody = {
    length: part.length,
    // biome-ignore lint/correctness/useYield: it fails before there is anything
    async *chunks() {
      throw new Error("the disk is gone");
    },
  };

  for (const wrong of [body(3, 3 * part.length + 1), body(3, 3 * part.length - 1)]) {
    await assert.rejects(client().request({ method: "PUT", url, body: wrong }), TypeError);
  }
  await assert.rejects(client().request({ method: "PUT", url, body: broken }), /the disk is gone/);

  assert.deepEqual(received, []);
});

async function until(condition: () => boolean): Promise<void> {
  const end = performance.now() + 5000;
  while (!condition()) {
    assert.ok(performance.now() < end, "it did not happen in time");
    await once(process, "dropship-never", { signal: AbortSignal.timeout(10) }).catch(() => undefined);
  }
}
