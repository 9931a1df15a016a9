import { chmodSync, rmSync } from "node:fs";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { asFailure, type Failure, failure } from "../../domain/failures/failure.ts";
import { http } from "../../platform/node-http.ts";
import type { AgentLock } from "../lock.ts";
import type { OnEvent, Operations } from "../operations.ts";
import { identityHeader, longestIdentity } from "./identity.ts";
import {
  aliveInterval,
  argumentProblem,
  isOperationName,
  type Line,
  type OperationName,
  operationShapes,
  protocolVersion,
} from "./protocol.ts";
import { controlSocketPath, withShortName } from "./socket-path.ts";

const longestRequest = 64 * 1024;
const mostConnections = 64;
/** A reader that is so far behind gets no more events; it still gets the result. */
const mostUnread = 1024 * 1024;

export interface ControlServer {
  /** Stops listening, lets answers end for at most `grace` milliseconds, and removes the socket. */
  close(grace: number): Promise<void>;
}

/** The operations as one person asks for them; `who` is what the audit keeps. */
export type OperationsFor = (who: string) => Operations;

/**
 * Offers the operations on the control socket of the state folder. Only the folder's owner can reach it. The lock proves that
 * a socket which is there already was left behind by an agent that is gone.
 */
export async function serveControl(lock: AgentLock, operationsFor: OperationsFor): Promise<ControlServer> {
  const path = controlSocketPath(lock.statePath);
  const server = http.createServer(
    { maxHeaderSize: 8192 },
    (request, response) => void answer(request, response, operationsFor),
  );
  server.headersTimeout = 5_000;
  server.requestTimeout = 10_000;
  server.keepAliveTimeout = 1_000;
  server.maxConnections = mostConnections;
  try {
    rmSync(path, { force: true });
    await withShortName(path, (name) => listen(server, name));
    chmodSync(path, 0o600);
  } catch (thrown) {
    server.close();
    const known = asFailure(thrown);
    if (known.code !== "unexpected") throw known;
    throw failure("control-socket-unusable", { path, reason: known.message }, thrown);
  }
  return { close: (grace) => close(server, path, grace) };
}

function listen(server: Server, name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen({ path: name, backlog: 128 }, () => {
      server.off("error", reject);
      // A failing accept (EMFILE) must not end the agent; the client sees its connection fail.
      server.on("error", () => undefined);
      resolve();
    });
  });
}

async function close(server: Server, path: string, grace: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), grace);
  await closed;
  clearTimeout(cut);
  rmSync(path, { force: true });
}

async function answer(request: IncomingMessage, response: ServerResponse, operationsFor: OperationsFor): Promise<void> {
  // A client that goes away is no reason to stop what it asked for.
  response.on("error", () => undefined);
  request.on("error", () => undefined);
  let call: { readonly name: OperationName; readonly given: readonly unknown[] };
  try {
    call = await readCall(request);
  } catch (thrown) {
    // What is not read would reset the connection before the client saw the answer.
    request.resume();
    refuse(response, asFailure(thrown));
    return;
  }
  response.writeHead(200, { "content-type": "application/x-ndjson" });
  const send = (line: Line) => response.writable && response.write(`${JSON.stringify(line)}\n`);
  const alive = setInterval(() => send({ alive: true }), aliveInterval);
  response.once("close", () => clearInterval(alive));
  const onEvent: OnEvent = (event) => void (response.writableLength < mostUnread && send({ event }));
  try {
    const result = await perform(operationsFor(whoAsks(request)), call.name, call.given, onEvent);
    send({ result: result ?? null });
  } catch (thrown) {
    send({ failure: asFailure(thrown).note });
  }
  response.end();
}

function refuse(response: ServerResponse, reason: Failure): void {
  response.writeHead(400, { "content-type": "application/x-ndjson", connection: "close" });
  response.end(`${JSON.stringify({ failure: reason.note } satisfies Line)}\n`);
}

async function readCall(request: IncomingMessage) {
  const [, version, name = "", ...rest] = (request.url ?? "").split("/");
  if (version !== `v${protocolVersion}`) {
    throw failure("control-version", { theirs: `v${protocolVersion}`, ours: String(version).slice(0, 16) });
  }
  if (request.method !== "POST" || !isOperationName(name) || rest.length > 0) {
    throw failure("control-request", { problem: "there is no such operation" });
  }
  const given = await readArguments(request);
  const problem = argumentProblem(name, given);
  if (problem !== undefined) throw failure("control-request", { problem });
  return { name, given: given as readonly unknown[] };
}

async function readArguments(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestRequest) throw failure("control-request", { problem: "it is too long" });
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch (thrown) {
    throw failure("control-request", { problem: "its body is not JSON" }, thrown);
  }
}

/** Only the owner of the state folder gets this far, who could write the audit itself: its word is taken. */
function whoAsks(request: IncomingMessage): string {
  const said = request.headers[identityHeader];
  return typeof said === "string" && said !== "" ? decodeURIComponent(said).slice(0, longestIdentity) : "unknown";
}

async function perform(
  operations: Operations,
  name: OperationName,
  given: readonly unknown[],
  onEvent: OnEvent,
): Promise<unknown> {
  const plain = given.map((value) => (value === null ? undefined : value));
  // The shapes were checked against the protocol; the compiler cannot follow a call by name.
  const operation = operations[name] as (...list: readonly unknown[]) => Promise<unknown>;
  return await operation(...plain, ...(operationShapes[name].streams ? [onEvent] : []));
}
