import type { ClientRequest, IncomingMessage } from "node:http";
import { createConnection, type Socket } from "node:net";
import { createInterface } from "node:readline";
import { setTimeout } from "node:timers/promises";
import { type Failure, failure } from "../../domain/failures/failure.ts";
import { http } from "../../platform/node-http.ts";
import type { OnEvent, Operations } from "../operations.ts";
import { identityHeader, whoAmI } from "./identity.ts";
import {
  failureOf,
  type Line,
  type OperationName,
  operationShapes,
  protocolVersion,
  silenceLimit,
} from "./protocol.ts";
import { controlSocketPath, withShortName } from "./socket-path.ts";

/** The operations of the agent that runs on this state folder; undefined when none runs. Fails with "control-forbidden" for strangers. */
export async function connect(statePath: string): Promise<Operations | undefined> {
  const path = controlSocketPath(statePath);
  const socket = await open(path);
  if (socket === undefined) return undefined;
  socket.destroy();
  const names = Object.keys(operationShapes) as readonly OperationName[];
  // Each operation is a call by its name; the shapes say which of them also take a listener.
  const entries = names.map((name) => [name, (...given: readonly unknown[]) => call(path, name, given)]);
  return Object.fromEntries(entries) as unknown as Operations;
}

async function call(path: string, name: OperationName, given: readonly unknown[]): Promise<unknown> {
  const shape = operationShapes[name];
  const values = shape.arguments.map((_, index) => given[index] ?? null);
  const onEvent = shape.streams ? (given[shape.arguments.length] as OnEvent | undefined) : undefined;
  const socket = await open(path);
  if (socket === undefined) throw failure("control-lost", { path, reason: "it is gone" });
  try {
    const last = await lastLine(await exchange(socket, name, values, path), path, onEvent);
    if ("failure" in last) throw failureOf(last.failure);
    return last.result ?? undefined;
  } finally {
    socket.destroy();
  }
}

/** So often a socket whose queue is full (EAGAIN) is tried, and how long between two tries. */
const queueTries = 40;
const queuePause = 50;

async function open(path: string): Promise<Socket | undefined> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await openOnce(path);
    } catch (thrown) {
      const { cause } = thrown as Error & { readonly cause?: NodeJS.ErrnoException };
      if (cause?.code !== "EAGAIN" || tries >= queueTries) throw thrown;
      await setTimeout(queuePause);
    }
  }
}

function openOnce(path: string): Promise<Socket | undefined> {
  return withShortName(path, (name) => {
    return new Promise<Socket | undefined>((resolve, reject) => {
      const socket = createConnection({ path: name });
      socket.once("connect", () => {
        socket.off("error", fail);
        socket.on("error", () => undefined);
        resolve(socket);
      });
      const fail = (thrown: NodeJS.ErrnoException) => {
        if (thrown.code === "ENOENT" || thrown.code === "ECONNREFUSED" || thrown.code === "ENOTDIR") resolve(undefined);
        else reject(refused(path, thrown));
      };
      socket.once("error", fail);
    });
  }).catch((thrown: NodeJS.ErrnoException) => {
    if (thrown.code === "ENOENT") return undefined;
    throw thrown.code === "EACCES" ? refused(path, thrown) : thrown;
  });
}

function refused(path: string, thrown: NodeJS.ErrnoException): Failure {
  if (thrown.code === "EACCES" || thrown.code === "EPERM") return failure("control-forbidden", { path }, thrown);
  return failure("control-lost", { path, reason: thrown.message }, thrown);
}

function exchange(socket: Socket, name: OperationName, values: unknown, path: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const request: ClientRequest = http.request({
      createConnection: () => socket,
      method: "POST",
      path: `/v${protocolVersion}/${name}`,
      headers: {
        host: "dropship",
        "content-type": "application/json",
        connection: "close",
        [identityHeader]: encodeURIComponent(whoAmI()),
      },
      timeout: silenceLimit,
    });
    request.once("response", resolve);
    request.on("error", (thrown) => reject(failure("control-lost", { path, reason: thrown.message }, thrown)));
    request.on("timeout", () => request.destroy(new Error(`no sign of life for ${silenceLimit / 1000} s`)));
    request.end(JSON.stringify(values));
  });
}

type LastLine = Extract<Line, { result: unknown } | { failure: unknown }>;

async function lastLine(answer: IncomingMessage, path: string, onEvent: OnEvent | undefined): Promise<LastLine> {
  for await (const text of linesOf(answer, path)) {
    const line = parse(text);
    if (line === undefined) throw failure("control-lost", { path, reason: "the answer is not of this protocol" });
    if ("result" in line || "failure" in line) return line;
    if ("event" in line) onEvent?.(line.event);
  }
  throw failure("control-lost", { path, reason: cut });
}

const cut = "its answer was cut off";

/** An agent that dies on the way is a connection that breaks, or an answer without its end. */
async function* linesOf(answer: IncomingMessage, path: string): AsyncGenerator<string> {
  const lines = createInterface({ input: answer, crlfDelay: Number.POSITIVE_INFINITY });
  // What breaks after the last line that was wanted is no news.
  for (const source of [answer, lines]) source.on("error", () => undefined);
  try {
    yield* lines;
  } catch (thrown) {
    throw failure("control-lost", { path, reason: cut }, thrown);
  }
}

function parse(text: string): Line | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Line) : undefined;
  } catch {
    return undefined;
  }
}
