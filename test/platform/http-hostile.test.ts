import assert from "node:assert/strict";
import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { type TestContext, test } from "node:test";
import { createHttpClient, type HttpLimits } from "../../src/platform/http.ts";

/** A server that answers each connection in a way of its own, on the bare wire. */
async function serve(t: TestContext, talk: (socket: Socket, nth: number) => void, limits: Partial<HttpLimits> = {}) {
  const sockets: Socket[] = [];
  const server = createServer((socket) => {
    socket.on("error", () => undefined);
    talk(socket, sockets.push(socket) - 1);
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  const client = createHttpClient({ connect: 1000, head: 1000, gap: 1000, ...limits });
  t.after(() => {
    client.close();
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/a`;
  return { get: () => client.request({ method: "GET", url }), client, url, sockets };
}

const good = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

test("a kept connection that its server closes just as it is used again is replaced, and nobody hears of it", async (t) => {
  const { get, sockets } = await serve(t, (socket, nth) => {
    let requests = 0;
    socket.on("data", () => {
      requests += 1;
      if (nth > 0 || requests === 1) socket.write(good);
      else socket.resetAndDestroy();
    });
  });

  assert.equal(await (await get()).text(10), "ok");
  assert.equal(await (await get()).text(10), "ok");
  assert.equal(sockets.length, 2);
});

test("a new connection that is reset is a failure, not tried for ever", async (t) => {
  const { get, sockets } = await serve(t, (socket) => socket.on("data", () => socket.resetAndDestroy()));

  await assert.rejects(get(), { code: "connection-failed" });
  assert.equal(sockets.length, 1);
});

test("what follows an answer on the same connection is never taken for the next one", async (t) => {
  const { get } = await serve(t, (socket, nth) => {
    socket.on("data", () => socket.write(nth === 0 ? `${good}HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil` : good));
  });

  assert.equal(await (await get()).text(10), "ok");
  await new Promise((resolve) => setImmediate(resolve));
  const second = await get().then(
    (answer) => answer.text(10),
    (error: Error) => error.message,
  );
  assert.notEqual(second, "evil");
});

test("interim answers without an end run into the limit for the head", async (t) => {
  const { get } = await serve(t, (socket) => {
    const flood = () => void (socket.writable && socket.write("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n"));
    const timer = setInterval(flood, 5);
    socket.on("close", () => clearInterval(timer));
  });

  await assert.rejects(get(), { code: "timed-out" });
});

test("an answer that switches to another protocol is a failure", async (t) => {
  const { get } = await serve(t, (socket) =>
    socket.on("data", () => socket.write("HTTP/1.1 101 Switching\r\nupgrade: x\r\nconnection: upgrade\r\n\r\nx")),
  );

  await assert.rejects(get(), /broke off|No connection|proper HTTP/);
});

test("thousands of headers and a head that never ends are cut off", async (t) => {
  const many = Array.from({ length: 5000 }, (_, nth) => `x-${nth}: y\r\n`).join("");
  const { get } = await serve(t, (socket, nth) =>
    socket.on("data", () => socket.write(nth === 0 ? `HTTP/1.1 200 OK\r\n${many}\r\n` : "HTTP/1.1 200 OK\r\nx: ")),
  );

  await assert.rejects(get(), { code: "answer-malformed" });
  await assert.rejects(get(), { code: "timed-out" });
});

test("a value that would begin a header of its own is refused before anything is sent, without a word of it", async (t) => {
  let connections = 0;
  const { client, url } = await serve(t, () => {
    connections += 1;
  });

  for (const authorization of ["Bearer hush\r\nx-evil: 1", "Bearer hush\n", "Bearer hush\0"]) {
    await assert.rejects(client.request({ method: "GET", url, headers: { authorization } }), (met: Error) => {
      assert.match(met.message, /a character that cannot be sent/);
      assert.doesNotMatch(`${met.message} ${met.stack}`, /hush/);
      return true;
    });
  }
  assert.equal(connections, 0);
});
