import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer, type RequestListener } from "node:http";
import { createServer as createSecureServer } from "node:https";
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { promisify } from "node:util";
import { Failure, type FailureCode } from "../../src/domain/failures/failure.ts";
import { createHttpClient } from "../../src/platform/http.ts";

const run = promisify(execFile);
const limits = { connect: 400, head: 400, gap: 400 };
const cleanups: (() => unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function client(overrides = {}) {
  const made = createHttpClient({ ...limits, ...overrides });
  cleanups.push(() => made.close());
  return made;
}

async function listening(server: Server): Promise<number> {
  const sockets = new Set<Socket>();
  server.on("connection", (socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  cleanups.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });
  return (server.address() as AddressInfo).port;
}

const serve = async (listener: RequestListener) => `http://127.0.0.1:${await listening(createServer(listener))}`;
const raw = async (talk: (socket: Socket) => void) => {
  const port = await listening(createTcpServer((socket) => talk(socket.on("error", () => undefined))));
  return `http://127.0.0.1:${port}`;
};

async function failed(promise: Promise<unknown>, code: FailureCode): Promise<Failure> {
  const met = await promise.then(
    () => assert.fail("it did not fail"),
    (error: unknown) => error,
  );
  assert.ok(met instanceof Failure, String(met));
  assert.equal(met.code, code, met.message);
  return met;
}

test("connections are used again after bodies that were read, dropped or absent", async () => {
  const ports = new Set<number>();
  const url = await serve((request, response) => {
    ports.add(request.socket.remotePort ?? 0);
    if (request.url === "/304") response.writeHead(304).end();
    else response.writeHead(200, request.method === "HEAD" ? { "content-length": 4 } : {}).end("body");
  });
  const { request } = client();

  for (const [method, path] of [
    ["GET", "/"],
    ["HEAD", "/"],
    ["GET", "/304"],
    ["GET", "/"],
    ["HEAD", "/304"],
  ] as const) {
    const answer = await request({ method, url: url + path });
    if (path === "/") answer.discard();
    else assert.equal(await answer.text(10), "");
    await sleep(20);
  }

  assert.equal(ports.size, 1);
});

test("a kept connection that the server closed meanwhile is replaced for GET, and not for POST", async () => {
  let answers = 0;
  const url = await raw((socket) => {
    let asked = 0;
    socket.on("data", () => {
      asked += 1;
      if (asked > 1) socket.resetAndDestroy();
      else socket.write("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
      answers += 1;
    });
  });
  const { request } = client();
  assert.equal(await (await request({ method: "GET", url })).text(10), "ok");

  assert.equal(await (await request({ method: "GET", url })).text(10), "ok");
  assert.equal(answers, 3);

  const other = client();
  await (await other.request({ method: "POST", url, body: "x" })).text(10);
  await failed(other.request({ method: "POST", url, body: "x" }), "connection-failed");
});

test("an idle connection does not keep the process alive", async () => {
  const url = await serve((_, response) => response.end("ok"));
  const module = join(import.meta.dirname, "../../src/platform/http.ts");
  const program = `import { createHttpClient } from ${JSON.stringify(module)};
    console.log(await (await createHttpClient().request({ method: "GET", url: "${url}" })).text(10));`;
  const start = performance.now();

  const { stdout } = await run(process.execPath, ["--input-type=module", "-e", program], { timeout: 20_000 });

  assert.equal(stdout.trim(), "ok");
  assert.ok(performance.now() - start < 10_000);
});

test("a body that is cut before anybody reads it is not taken for an empty one", async () => {
  const url = await raw((socket) => {
    socket.once("data", () =>
      socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf", () => socket.resetAndDestroy()),
    );
  });
  const answer = await client().request({ method: "GET", url });
  await sleep(50);

  await failed(answer.text(100), "connection-cut");
});

test("chunks that end early are a cut, and a body without length or chunks says that it is not framed", async () => {
  const chunked = await raw((socket) => {
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"));
  });
  const unframed = await raw((socket) => {
    socket.once("data", () => socket.end("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello"));
  });
  const { request } = client();

  const first = await request({ method: "GET", url: chunked });
  const second = await request({ method: "GET", url: unframed });

  assert.equal(first.framed, true);
  await failed(first.text(100), "connection-cut");
  assert.equal(second.framed, false);
  assert.equal(await second.text(100), "hello");
});

test("chunks that end early while somebody reads them are a cut", async () => {
  const sockets: Socket[] = [];
  const url = await raw((socket) => {
    sockets.push(socket);
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n"));
  });
  const answer = await client().request({ method: "GET", url });

  const reading = (async () => {
    for await (const _part of answer.body) sockets[0]?.end();
  })();

  await failed(reading, "connection-cut");
});

test("a text that is longer than allowed is refused", async () => {
  const url = await serve((_, response) => response.end("x".repeat(1000)));

  await failed((await client().request({ method: "GET", url })).text(999), "answer-too-long");
});

test("what is silent is given up in time: no head, no TLS, a pause in the body", async () => {
  const silent = await raw(() => undefined);
  const pausing = await raw((socket) => {
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"));
  });
  const { request } = client();

  const head = await failed(request({ method: "GET", url: silent }), "timed-out");
  const handshake = await failed(
    client({ head: 9000 }).request({ method: "GET", url: silent.replace("http", "https") }),
    "timed-out",
  );
  const body = await failed((await request({ method: "GET", url: pausing })).text(100), "timed-out");

  assert.match(head.message, /the head of the answer took longer than 400ms/);
  assert.match(handshake.message, /connecting took longer than 400ms/);
  assert.match(body.message, /the next part of the answer/);
});

test("a caller's signal ends the wait for the head and for the body with its own reason", async () => {
  const silent = await raw(() => undefined);
  const pausing = await raw((socket) => {
    socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nhalf"));
  });
  const { request } = client({ head: 9000, gap: 9000 });
  const stop = new AbortController();
  const answer = await request({ method: "GET", url: pausing, signal: stop.signal });
  const waits = [request({ method: "GET", url: silent, signal: stop.signal }), answer.text(100)];

  stop.abort(new Error("enough"));

  for (const wait of waits) await assert.rejects(wait, { message: "enough" });
});

test("row 86: no failure shows a header, a user or a query", async () => {
  const { request } = client();
  const url = "http://127.0.0.1:9/path?signature=s3cret";

  const refused = await failed(request({ method: "GET", url }), "connection-failed");
  const header = await failed(
    request({ method: "GET", url, headers: { authorization: "s3cret\n" } }),
    "address-invalid",
  );
  const scheme = await failed(request({ method: "GET", url: "ftp://user:s3cret@host/?s3cret" }), "address-invalid");

  assert.match(refused.message, /127\.0\.0\.1:9\/path: nothing listens there/);
  for (const met of [refused, header, scheme]) assert.ok(!`${met.stack}${met.cause}`.includes("s3cret"));
});

test("row 31: certificates that are expired, for another name or self-signed are refused by name", async () => {
  const folder = await mkdtemp(join(tmpdir(), "dropship-tls-"));
  cleanups.push(() => rm(folder, { recursive: true }));
  const certified = async (name: string, until: string) => {
    const { key, cert } = await selfSigned(await mkdtemp(join(folder, "certificate-")), name, until);
    const server = createSecureServer({ key, cert }, (_, response) => response.end("ok"));
    return { url: `https://localhost:${await listening(server)}/`, authorities: cert };
  };
  const good = await certified("localhost", "20491231000000Z");
  const expired = await certified("localhost", "20200102000000Z");
  const other = await certified("other.example", "20491231000000Z");
  const { request } = client({ connect: 5000, head: 5000 });
  // the warning that node prints for this variable is not ours
  process.env["NODE_TLS_REJECT_UNAUTHORIZED"] = "0";
  cleanups.push(() => delete process.env["NODE_TLS_REJECT_UNAUTHORIZED"]);

  assert.equal(await (await request({ method: "GET", ...good })).text(10), "ok");
  const met = {
    selfSigned: await failed(request({ method: "GET", url: good.url }), "tls-refused"),
    expired: await failed(request({ method: "GET", ...expired }), "tls-refused"),
    other: await failed(request({ method: "GET", ...other }), "tls-refused"),
    plain: await failed(
      request({ method: "GET", url: (await serve(() => undefined)).replace("http", "https") }),
      "tls-refused",
    ),
  };

  assert.match(met.selfSigned.message, /self-signed/);
  assert.match(met.expired.message, /expired/);
  assert.match(met.other.message, /another host name/);
});

test("the path of an address goes out as it was written", async () => {
  const paths: string[] = [];
  const url = await serve((request, response) => {
    paths.push(request.url ?? "");
    response.end();
  });
  const { request } = client();

  for (const path of ["/a/../b", "/%2e%2e/c", "/d//e?x=%2F", ""])
    (await request({ method: "GET", url: url + path })).discard();

  assert.deepEqual(paths, ["/a/../b", "/%2e%2e/c", "/d//e?x=%2F", "/"]);
});

/** A key and a certificate that is valid from 2020 until `until`. */
async function selfSigned(folder: string, name: string, until: string): Promise<{ key: string; cert: string }> {
  const at = (file: string) => join(folder, file);
  await writeFile(at("index"), "");
  await writeFile(
    at("config"),
    `[ca]\ndefault_ca = own\n[own]\ndatabase = ${at("index")}\nnew_certs_dir = ${folder}\nrand_serial = yes
default_md = sha256\npolicy = any\ncopy_extensions = copy\n[any]\ncommonName = supplied\n`,
  );
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const names = ["-subj", `/CN=${name}`, "-addext", `subjectAltName=DNS:${name}`];
  await run("openssl", ["req", "-new", ...curve, ...names, "-keyout", at("key"), "-out", at("request")]);
  const dates = ["-startdate", "20200101000000Z", "-enddate", until];
  const files = ["-config", at("config"), "-keyfile", at("key"), "-in", at("request"), "-out", at("cert")];
  await run("openssl", ["ca", "-selfsign", "-batch", "-notext", ...dates, ...files]);
  return { key: await readFile(at("key"), "utf8"), cert: await readFile(at("cert"), "utf8") };
}
