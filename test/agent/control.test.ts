import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { request } from "node:http";
import { createConnection, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { connect } from "../../src/agent/control/client.ts";
import { argumentProblem } from "../../src/agent/control/protocol.ts";
import { type ControlServer, serveControl } from "../../src/agent/control/server.ts";
import { type AgentLock, takeAgentLock } from "../../src/agent/lock.ts";
import type { OperationEvent, Operations } from "../../src/agent/operations.ts";
import { Failure, failure } from "../../src/domain/failures/failure.ts";

let folder: string;
let lock: AgentLock | undefined;
let server: ControlServer | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "dropship-control-"));
});

afterEach(async () => {
  await server?.close(0);
  lock?.[Symbol.dispose]();
  server = undefined;
  lock = undefined;
  rmSync(folder, { recursive: true, force: true });
});

/** Operations of which a test says only what it needs; every other one fails. */
function offering(some: Partial<Operations>): Operations {
  const names = ["status", "history", "releases", "evidence", "check", "update", "rollback", "pin", "unpin", "pause"];
  const rest = [...names, "resume", "retry", "reload"].map((name) => [
    name,
    () => Promise.reject(new Error(`${name} was not expected`)),
  ]);
  return { ...(Object.fromEntries(rest) as unknown as Operations), ...some };
}

async function serve(some: Partial<Operations>, statePath = folder): Promise<Operations> {
  lock = takeAgentLock(statePath, "agent");
  server = await serveControl(lock, () => offering(some));
  const client = await connect(statePath);
  assert.ok(client, "the agent can be reached");
  return client;
}

function post(path: string, body: string, method = "POST"): Promise<{ status: number | undefined; text: string }> {
  return new Promise((resolve, reject) => {
    const call = request(
      { socketPath: join(folder, "control.sock"), path, method, headers: { "content-length": body.length } },
      (answer) => {
        let text = "";
        answer.setEncoding("utf8").on("data", (chunk) => {
          text += chunk;
        });
        answer.on("end", () => resolve({ status: answer.statusCode, text }));
      },
    );
    call.on("error", reject);
    call.end(body);
  });
}

test("a command finds no agent where none runs", async () => {
  assert.equal(await connect(folder), undefined);
  assert.equal(await connect(join(folder, "missing")), undefined);
});

test("arguments, events and the result travel", async () => {
  const told: OperationEvent[] = [];
  const client = await serve({
    update: async (service, onEvent) => {
      assert.equal(service, "web");
      onEvent({ type: "state", service: "web", state: "fetching" });
      onEvent({ type: "progress", service: "web", progress: { state: "fetching", done: 3, total: 9 } });
      return [{ service: "web", outcome: "up-to-date" }];
    },
    status: async (service) => {
      assert.equal(service, undefined);
      return [];
    },
  });

  const result = await client.update("web", (event) => told.push(event));
  const status = await client.status();

  assert.deepEqual(result, [{ service: "web", outcome: "up-to-date" }]);
  assert.deepEqual(status, []);
  assert.deepEqual(
    told.map((event) => event.type),
    ["state", "progress"],
  );
});

test("an operation without a result resolves with undefined", async () => {
  const client = await serve({ unpin: async () => undefined });

  assert.equal(await client.unpin("web"), undefined);
});

test("a failure comes back with its code, sentence, remedy and exit code", async () => {
  const sent = failure("unknown-service", { service: "wbe", hint: '; did you mean "web"?' });
  const client = await serve({ history: () => Promise.reject(sent) });

  await assert.rejects(client.history("wbe", 10), (thrown: Failure) => {
    assert.ok(thrown instanceof Failure);
    assert.deepEqual(thrown.note, sent.note);
    assert.equal(thrown.exitCode, sent.exitCode);
    return true;
  });
});

test("what is not of the protocol is refused and the agent goes on", async () => {
  const client = await serve({ status: async () => [] });

  const answers = await Promise.all([
    post("/v9/status", "[null]"),
    post("/v1/constructor", "[]"),
    post("/v1/status/more", "[null]"),
    post("/v1/status", "[null]", "GET"),
    post("/v1/status", "{"),
    post("/v1/status", "[1]"),
    post("/v1/status", "[]"),
    post("/v1/history", '["web", 1.5]'),
    post("/v1/status", JSON.stringify(["x".repeat(70_000)])),
  ]);

  for (const { status, text } of answers) {
    assert.equal(status, 400);
    assert.match(JSON.parse(text).failure.code, /^control-(request|version)$/);
  }
  assert.deepEqual(await client.status(), []);
});

test("a client that goes away does not stop what it asked for", async () => {
  const ended = Promise.withResolvers<string>();
  const begun = Promise.withResolvers<void>();
  const go = Promise.withResolvers<void>();
  await serve({
    update: async () => {
      begun.resolve();
      await go.promise;
      ended.resolve("ended");
      return [];
    },
  });
  const call = request({ socketPath: join(folder, "control.sock"), path: "/v1/update", method: "POST" });
  call.on("error", () => undefined);
  call.end("[null]");
  await begun.promise;

  call.destroy();
  go.resolve();

  assert.equal(await ended.promise, "ended");
});

test("an agent that ends in mid-answer is reported as lost, not as success", async () => {
  const begun = Promise.withResolvers<void>();
  const client = await serve({
    check: () => {
      begun.resolve();
      return new Promise(() => undefined);
    },
  });

  const asked = client.check(undefined);
  const lost = assert.rejects(asked, { code: "control-lost" });
  await begun.promise;
  await server?.close(0);
  server = undefined;

  await lost;
});

test("an answer that is no line of the protocol is reported", async () => {
  lock = takeAgentLock(folder, "agent");
  const stranger = createServer((socket) =>
    socket.on("error", () => undefined).end("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nhello\n"),
  );
  stranger.listen(join(folder, "control.sock"));
  await once(stranger, "listening");
  const client = await connect(folder);

  await assert.rejects(client?.status() ?? Promise.resolve(), { code: "control-lost" });

  stranger.close();
});

test("a socket left behind by a killed agent is taken for none, and replaced", async () => {
  const listen = `require("node:net").createServer().listen(${JSON.stringify(join(folder, "control.sock"))},
    () => process.kill(process.pid, "SIGKILL"))`;
  spawnSync(process.execPath, ["-e", listen]);
  assert.ok(existsSync(join(folder, "control.sock")), "the killed process left its socket");
  assert.equal(await connect(folder), undefined);

  const client = await serve({ status: async () => [] });

  assert.deepEqual(await client.status(), []);
});

test("a state path longer than a socket name may be works all the same", async () => {
  const deep = join(folder, "d".repeat(100), "e".repeat(100));
  mkdirSync(deep, { recursive: true });

  const client = await serve({ status: async () => [] }, deep);

  assert.deepEqual(await client.status(), []);
  assert.ok(existsSync(join(deep, "control.sock")));
});

test("the socket is its owner's alone, and gone after the agent", async () => {
  await serve({});

  assert.equal(statSync(join(folder, "control.sock")).mode & 0o777, 0o600);
  assert.equal(statSync(folder).mode & 0o777, 0o700);

  await server?.close(0);
  server = undefined;
  assert.equal(existsSync(join(folder, "control.sock")), false);
});

test("another user cannot reach the socket, and is told why", async () => {
  await serve({});
  const source = join(import.meta.dirname, "../../src/agent/control/client.ts");
  // The program is read before it becomes the other user, who need not be able to enter the project's folder.
  const ask = `const { connect } = await import(${JSON.stringify(source)});
    if (process.getuid() === 0) { process.setgroups([]); process.setgid(65534); process.setuid(65534); }
    await connect(${JSON.stringify(folder)}).catch((thrown) => { console.log(thrown.code); });`;
  // Without root there is no second user to be; the folder's mode then stands for all of them.
  if (process.getuid?.() !== 0) chmodSync(folder, 0o000);

  const told = spawnSync(process.execPath, ["--input-type=module", "-e", ask], { encoding: "utf8", timeout: 20_000 });

  chmodSync(folder, 0o700);
  assert.equal(told.stdout.trim(), "control-forbidden", told.stderr);
});

test("connections that say nothing are cut and do not shut others out", async () => {
  const client = await serve({ status: async () => [] });
  const silent = Array.from({ length: 20 }, () => createConnection(join(folder, "control.sock")));
  await Promise.all(silent.map((socket) => once(socket, "connect")));

  assert.deepEqual(await client.status(), []);

  for (const socket of silent) socket.destroy();
});

test("arguments are judged by their shape", () => {
  assert.equal(argumentProblem("history", ["web", 10]), undefined);
  assert.equal(argumentProblem("check", [null]), undefined);
  assert.match(argumentProblem("check", [""]) ?? "", /not a optional text|not an? optional text/);
  assert.match(argumentProblem("history", [null, 10]) ?? "", /argument 1 of history/);
  assert.match(argumentProblem("history", ["web", -1]) ?? "", /argument 2 of history/);
  assert.match(argumentProblem("reload", [null]) ?? "", /takes 0 arguments/);
  assert.match(argumentProblem("reload", {}) ?? "", /takes 0 arguments/);
});

test("an agent that is killed after the first lines of its answer is reported as lost", async () => {
  lock = takeAgentLock(folder, "agent");
  const killed = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.write("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n3\r\n{}\n\r\n", () => socket.destroy());
  });
  killed.listen(join(folder, "control.sock"));
  await once(killed, "listening");
  const client = await connect(folder);

  const met = await client?.update("web", () => undefined).catch((thrown: unknown) => thrown);
  killed.close();

  assert.ok(met instanceof Failure && met.code === "control-lost", String(met));
});
