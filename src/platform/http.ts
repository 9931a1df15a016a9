import type { Agent, ClientRequest, IncomingMessage } from "node:http";
import type { AgentOptions } from "node:https";
import type { Socket } from "node:net";
import { formatDuration, type Milliseconds } from "../domain/duration.ts";
import { type Failure, failure } from "../domain/failures/failure.ts";
import { bodyOf } from "./http-body.ts";
import { exchangeFailure, isClosedByPeer } from "./http-failure.ts";
import { asking, isSent, sendBody } from "./http-send.ts";
import { http, loadHttps } from "./node-http.ts";
import type { HttpAnswer, HttpClient, HttpRequest } from "./ports.ts";
import { sharedLookup } from "./shared-lookup.ts";

export interface HttpLimits {
  /** For the name, the connection and the TLS handshake together. */
  readonly connect: Milliseconds;
  /** Default of `HttpRequest.headTimeout`. */
  readonly head: Milliseconds;
  /** The longest pause within a body. */
  readonly gap: Milliseconds;
  /** Bytes of an answer's head. */
  readonly headSize: number;
}

const defaultLimits: HttpLimits = { connect: 10_000, head: 30_000, gap: 60_000, headSize: 32 * 1024 };

/** Idle connections are kept this long: shorter than what servers and balancers commonly keep them. */
const idle: Milliseconds = 50_000;

const keeping = {
  keepAlive: true,
  keepAliveMsecs: 15_000,
  maxFreeSockets: 16,
  timeout: idle,
  scheduling: "lifo" as const,
};

/** One request on its way. */
interface Exchange {
  readonly agent: Agent;
  readonly url: URL;
  /** Scheme, host and path: what messages may show. */
  readonly address: string;
  readonly request: HttpRequest;
  readonly limits: HttpLimits;
}

/**
 * A client over node:http with connections kept alive; idle ones do not keep the process alive. It follows no redirect, asks
 * for no content encoding and refuses one, and knows no proxy. See `HttpClient` for what it promises.
 */
export function createHttpClient(overrides: Partial<HttpLimits> = {}): HttpClient & { close(): void } {
  const limits = { ...defaultLimits, ...overrides };
  const agents = new Map<string, Agent>();
  const agentFor = (url: URL, trusted: Trusted): Agent => {
    const secure = url.protocol === "https:";
    const name = secure ? agentName(trusted) : "http";
    const known = agents.get(name);
    if (known) return known;
    const made = secure ? new (loadHttps().Agent)({ ...keeping, ...trust(trusted) }) : new http.Agent(keeping);
    agents.set(name, made);
    return made;
  };
  return {
    request: async (request) => {
      const { url, address } = parseAddress(request.url);
      const agent = agentFor(url, request);
      return exchange({ agent, url, address, request, limits });
    },
    close() {
      for (const agent of agents.values()) agent.destroy();
      agents.clear();
    },
  };
}

const lookup = sharedLookup();

type Trusted = Pick<HttpRequest, "authorities" | "anyCertificate" | "clientCertificate">;

/** Connections are shared by requests that trust the same and show the same certificate. */
function agentName({ authorities, anyCertificate, clientCertificate }: Trusted): string {
  return `https ${anyCertificate ? "any" : (authorities ?? "")} ${clientCertificate?.certificate ?? ""} ${clientCertificate?.key ?? ""}`;
}

/** Whose certificates are taken; said explicitly, so that no variable of the environment can switch the check off. */
function trust({ authorities, anyCertificate, clientCertificate }: Trusted): AgentOptions {
  return {
    rejectUnauthorized: anyCertificate !== true,
    ...(authorities !== undefined && { ca: authorities }),
    ...(clientCertificate && { cert: clientCertificate.certificate, key: clientCertificate.key }),
  };
}

function parseAddress(text: string): { readonly url: URL; readonly address: string } {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) {
    const address = text.replace(/[?#].*/s, "").replace(/\/\/[^/]*@/, "//");
    throw failure("address-invalid", { address, reason: "it is no http or https address" });
  }
  return { url, address: `${url.protocol}//${url.host}${url.pathname}` };
}

/**
 * The path exactly as the caller wrote it where it is written properly: `URL` folds ".." and "%2e%2e", which are part of the
 * name of an object in S3 and would not fit its signature any more.
 */
function pathOf(text: string, url: URL): string {
  const written = /^https?:\/\/[^/?#\\]*([^#\\]*)$/i.exec(text)?.[1];
  if (written === undefined || !/^\/[\x21-\x7e]*$/.test(written)) return url.pathname + url.search;
  return written;
}

async function exchange(one: Exchange): Promise<HttpAnswer> {
  try {
    return await attempt(one, false);
  } catch (error) {
    // A server may close an idle connection just as it is used again; asking once more on a new one is safe when asking changes nothing.
    if (error === closedWhileIdle) return attempt(one, true);
    throw error;
  }
}

const closedWhileIdle = new Error("the kept connection was closed by the server");

function attempt(one: Exchange, fresh: boolean): Promise<HttpAnswer> {
  const { request, address, limits } = one;
  const { signal, body } = request;
  const headTimeout = request.headTimeout ?? limits.head;
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const sent = send(one, fresh);
    const over = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    const settle = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", aborted);
      over.abort();
    };
    const fail = (reason: unknown) => {
      settle();
      reject(reason);
      sent.destroy();
    };
    const aborted = () => fail(signal?.reason);
    const awaitHead = () => {
      if (over.signal.aborted) return;
      timer = setTimeout(() => fail(late(address, "the head of the answer", headTimeout)), headTimeout);
    };
    signal?.addEventListener("abort", aborted, { once: true });
    watchConnection(sent, one, fail, () => {
      if (isSent(body)) sendBody(sent, body, { address, gap: limits.gap, over: over.signal }).then(awaitHead, fail);
    });
    sent.on("error", (error) => {
      const again = !fresh && sent.reusedSocket && isClosedByPeer(error) && /^(GET|HEAD)$/.test(request.method);
      fail(again ? closedWhileIdle : exchangeFailure(address, error));
    });
    const ended = () => fail(failure("connection-cut", { address, got: 0, expected: "" }));
    sent.once("close", ended);
    sent.once("response", (message) => {
      settle();
      // from here on the body tells what becomes of the connection, which may serve others already
      sent.off("close", ended);
      if (!sent.writableEnded) message.once("end", () => sent.destroy());
      try {
        resolve(answerOf(message, one));
      } catch (refusal) {
        fail(refusal);
      }
    });
    if (!isSent(body)) awaitHead();
  });
}

function watchConnection(
  sent: ClientRequest,
  { address, limits, request }: Exchange,
  fail: (reason: unknown) => void,
  connected: () => void,
): void {
  sent.once("socket", (socket) => {
    limitConnecting(socket, limits.connect, () => fail(late(address, "connecting", limits.connect)));
    whenConnected(socket, () => {
      request.onConnected?.();
      connected();
    });
  });
}

function send({ agent, url, address, request, limits }: Exchange, fresh: boolean): ClientRequest {
  const { method, headers, body } = request;
  const { request: open } = url.protocol === "https:" ? loadHttps() : http;
  const streamed = isSent(body);
  try {
    const sent = open({
      method,
      agent: fresh ? false : agent,
      lookup,
      ...trust(request),
      protocol: url.protocol,
      hostname: url.hostname.replace(/^\[|\]$/g, ""),
      port: url.port,
      path: pathOf(request.url, url),
      maxHeaderSize: limits.headSize,
      headers: {
        "accept-encoding": "identity",
        ...headers,
        ...(body !== undefined && { "content-length": String(streamed ? body.length : Buffer.byteLength(body)) }),
        ...(streamed && asking),
      },
    });
    if (!streamed) sent.end(body);
    return sent;
  } catch (error) {
    throw exchangeFailure(address, error);
  }
}

/** Ends a new connection that is not ready (TLS included) in time; costs nothing on one that was kept alive. */
function limitConnecting(socket: Socket, limit: Milliseconds, expired: () => void): void {
  if (!socket.connecting) return;
  const timer = setTimeout(expired, limit);
  const stop = () => clearTimeout(timer);
  whenConnected(socket, stop);
  socket.once("close", stop);
}

function whenConnected(socket: Socket, then: () => void): void {
  if (socket.connecting) socket.once("encrypted" in socket ? "secureConnect" : "connect", then);
  else then();
}

function late(address: string, stage: string, limit: Milliseconds): Failure {
  return failure("timed-out", { address, stage, after: formatDuration(limit) });
}

function answerOf(message: IncomingMessage, { request, address, limits }: Exchange): HttpAnswer {
  const status = message.statusCode ?? 0;
  const headers = plainHeaders(message);
  const empty = request.method === "HEAD" || status === 204 || status === 304;
  const encoding = headers["content-encoding"] ?? "identity";
  if (!empty && status < 300 && encoding !== "identity" && request.storedEncoding !== true) {
    throw failure("answer-encoded", { address, encoding: encoding.slice(0, 40) });
  }
  const body = bodyOf(message, { address, gap: limits.gap, signal: request.signal, empty });
  if (empty) body.discard();
  const bytes = (limit: number) => wholeBody(body, limit, address, limits.gap);
  return {
    status,
    headers,
    framed: empty || headers["content-length"] !== undefined || headers["transfer-encoding"] !== undefined,
    body,
    discard: () => body.discard(),
    bytes,
    text: async (limit) => (await bytes(limit)).toString("utf8"),
  };
}

function plainHeaders(message: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers[name] = typeof value === "string" ? value : value.join(", ");
  }
  return headers;
}

/** `time`: for all of it, or the last of its parts comes too late. */
async function wholeBody(
  body: AsyncIterable<Uint8Array>,
  limit: number,
  address: string,
  time: Milliseconds,
): Promise<Buffer> {
  const until = performance.now() + time;
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of body) {
    length += part.length;
    if (length > limit) throw failure("answer-too-long", { address, limit });
    if (performance.now() > until) throw late(address, "the whole answer", time);
    parts.push(part);
  }
  return Buffer.concat(parts);
}
