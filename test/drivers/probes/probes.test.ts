import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type RequestListener, type Server } from "node:http";
import { type AddressInfo, connect, createServer as createListener, type Socket } from "node:net";
import { after, before, describe, test } from "node:test";
import { http } from "../../../src/drivers/probes/http.ts";
import { script } from "../../../src/drivers/probes/script.ts";
import { tcp } from "../../../src/drivers/probes/tcp.ts";
import { look, probeContract } from "../../contracts/probe.ts";
import { startSecureNginx } from "../../servers/nginx.ts";

/** A small web service under test. */
const pages: Record<string, RequestListener> = {
  "/good": (_, answer) => answer.end("all is well: é"),
  "/moved": (_, answer) => answer.writeHead(302, { location: "/good" }).end(),
  "/bad": (_, answer) => answer.writeHead(503).end("database away"),
  "/silent": () => {},
  "/halting": (_, answer) => void answer.write("all is"),
  "/headers": (request, answer) => answer.end(`host=${request.headers.host} token=${request.headers["x-token"]}`),
  "/endless": (_, answer) => {
    const more = () => {
      while (answer.write("x".repeat(65_536)));
      answer.once("drain", more);
    };
    more();
  },
};

let service: Server;
let port: number;
let closedPort: number;

before(async () => {
  service = createServer((request, answer) => pages[request.url ?? ""]?.(request, answer));
  await new Promise<void>((resolve) => service.listen(0, "127.0.0.1", resolve));
  port = (service.address() as AddressInfo).port;
  const listener = createListener();
  await new Promise<void>((resolve) => listener.listen(0, "127.0.0.1", resolve));
  closedPort = (listener.address() as AddressInfo).port;
  await new Promise((resolve) => listener.close(resolve));
});
after(() => {
  service.closeAllConnections();
  service.close();
});

/** A listener that accepts nothing and whose queue is full: the kernel drops whoever knocks, as a dead host would. */
async function listenWithFullQueue() {
  const program =
    'import socket,sys; s=socket.socket(); s.bind(("127.0.0.1",0)); s.listen(0); print(s.getsockname()[1],flush=True); sys.stdin.read()';
  const listener = spawn("/usr/bin/python3", ["-c", program], { stdio: ["pipe", "pipe", "inherit"] });
  const [line] = (await once(listener.stdout, "data")) as [Buffer];
  const port = Number(line.toString());
  const knocking = Array.from({ length: 4 }, () => connect({ host: "127.0.0.1", port }).on("error", () => {}));
  await once(knocking[0]!, "connect");
  return {
    port,
    close() {
      for (const socket of knocking) socket.destroy();
      listener.kill("SIGKILL");
    },
  };
}

const at = (path: string) => ({ url: `http://127.0.0.1:${port}${path}` });

describe("an http probe", () => {
  probeContract(http, {
    healthy: () => at("/good"),
    unhealthy: () => at("/bad"),
    silent: () => at("/silent"),
  });

  test("takes a redirect as an answer, unless the status is narrowed", async () => {
    assert.match((await look(http, at("/moved"))).detail, /^answer 302 /);
    assert.equal((await look(http, at("/moved"))).healthy, true);
    assert.equal((await look(http, { ...at("/moved"), status: "200-299" })).healthy, false);
    assert.equal((await look(http, { ...at("/bad"), status: "200, 503" })).healthy, true);
    assert.equal((await look(http, { ...at("/bad"), status: 503 })).healthy, true);
  });

  test("refuses a status that is none when the configuration is loaded", () => {
    for (const wrong of ["2xx", "", "299-200", "99", "600", "200,", true]) {
      assert.ok("expected" in http.options.status.decode(wrong), String(wrong));
    }
  });

  test("looks for a text in the body", async () => {
    assert.equal((await look(http, { ...at("/good"), contains: "well: é" })).healthy, true);
    const answer = await look(http, { ...at("/good"), contains: "swell" });
    assert.equal(answer.healthy, false);
    assert.match(answer.detail, /^answer 200 without "swell" in it /);
  });

  test("reads no more than the start of an endless body", async () => {
    const answer = await look(http, { ...at("/endless"), contains: "y" });

    assert.equal(answer.healthy, false);
    assert.match(answer.detail, /without "y"/);
  });

  test("does not wait for a body that halts", async () => {
    const answer = await look(http, { ...at("/halting"), contains: "well" }, { timeout: 300 });

    assert.deepEqual([answer.healthy, /no answer in time/.test(answer.detail)], [false, true]);
  });

  test("sends the headers it is given", async () => {
    const headers = { Host: "web.example.com", "X-Token": "t" };
    const answer = await look(http, { ...at("/headers"), headers, contains: "host=web.example.com token=t" });

    assert.equal(answer.healthy, true, answer.detail);
  });

  test("opens a connection of its own each time, so that an old process cannot answer for the new one", async () => {
    const seen = new Set<number | undefined>();
    const note = (socket: Socket) => seen.add(socket.remotePort);
    service.on("connection", note);

    await look(http, at("/good"));
    await look(http, at("/good"));

    service.off("connection", note);
    assert.equal(seen.size, 2);
  });

  test("checks certificates, by other authorities if wished, or not at all", async () => {
    await using nginx = await startSecureNginx();
    const url = `${nginx.secureEndpoint}/`;
    const byAddress = url.replace("localhost", "127.0.0.1");
    const status = "200-499";

    assert.match((await look(http, { url, status })).detail, /certificate/i);
    assert.equal((await look(http, { url, status, ca: nginx.certificate })).healthy, true);
    assert.equal((await look(http, { url: byAddress, status, insecure: true })).healthy, true);
    assert.match((await look(http, { url, ca: "/no/such/file" })).detail, /\/no\/such\/file/);
  });

  test("says that nobody listens", async () => {
    const answer = await look(http, { url: `http://127.0.0.1:${closedPort}/` });

    assert.equal(answer.healthy, false);
    assert.match(answer.detail, /refused/);
  });
});

describe("a tcp probe", () => {
  probeContract(tcp, {
    healthy: () => ({ port }),
    unhealthy: () => ({ port: closedPort }),
    silent: () => ({ port: full.port }),
  });

  let full: Awaited<ReturnType<typeof listenWithFullQueue>>;
  before(async () => {
    full = await listenWithFullQueue();
  });
  after(() => full.close());

  test("says that the connection was refused", async () => {
    const answer = await look(tcp, { port: closedPort });

    assert.match(answer.detail, /^connection refused \(/);
  });

  test("says that there is no such name", async () => {
    const answer = await look(tcp, { host: "no-such-host.invalid", port: 80 });

    assert.equal(answer.healthy, false);
    assert.match(answer.detail, /name/);
  });
});

describe("a script probe", () => {
  probeContract(script, {
    healthy: () => ({ command: "echo fine" }),
    unhealthy: () => ({ command: "echo first; echo broken; exit 2" }),
    silent: () => ({ command: "sleep 30" }),
  });

  test("tells the exit code and the last line", async () => {
    const answer = await look(script, { command: "echo first; echo broken; exit 2" });

    assert.match(answer.detail, /^exit code 2: broken \(/);
  });

  test("is told about the update and runs in the destination, or in / while there is none", async () => {
    const command = 'test "$PWD $DROPSHIP_HASH $MORE" = "$WISHED abc more"';
    const environment = { DROPSHIP_HASH: "abc" };

    const there = await look(
      script,
      { command, env: { MORE: "more", WISHED: "/usr" } },
      { environment, directory: "/usr" },
    );
    const gone = await look(
      script,
      { command, env: { MORE: "more", WISHED: "/" } },
      { environment, directory: "/gone" },
    );

    assert.deepEqual([there.healthy, gone.healthy], [true, true]);
  });

  test("says why it could not start", async () => {
    const answer = await look(script, { command: "true", user: "no-such-user" });

    assert.match(answer.detail, /^could not be started, there is no user "no-such-user"/);
  });
});
