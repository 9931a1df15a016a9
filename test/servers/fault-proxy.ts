import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { gzipSync } from "node:zlib";

/** What the proxy does to one answer of the real server behind it. */
export type Fault =
  | { readonly kind: "latency"; readonly milliseconds: number }
  /** The connection is reset before any answer. */
  | { readonly kind: "reset" }
  /** The request is taken and never answered. */
  | { readonly kind: "silence" }
  /** The connection is reset when so many bytes of the request's body have come. */
  | { readonly kind: "broken"; readonly after: number }
  /** The server does what it is asked; the connection is reset instead of its answer. */
  | { readonly kind: "lost" }
  /** The server is asked so much later, whether the client still waits or not. */
  | { readonly kind: "late"; readonly milliseconds: number }
  /** The server is asked twice, one after the other; the first answer is given. */
  | { readonly kind: "twice" }
  /** Header lines without an end. */
  | { readonly kind: "endless-head" }
  /** One head of 100 KiB. */
  | { readonly kind: "huge-head" }
  /** The stated length is right, the connection is closed after so many bytes. */
  | { readonly kind: "cut"; readonly after: number }
  /** The stated length is right; after so many bytes nothing more comes, and the connection stays open. */
  | { readonly kind: "stall"; readonly after: number }
  /** No length is stated, and the connection is closed in good order after so many bytes. */
  | { readonly kind: "cut-unmarked"; readonly after: number }
  /** The stated length is larger than what comes. */
  | { readonly kind: "short"; readonly missing: number }
  /** The stated length is right; more bytes follow. */
  | { readonly kind: "extra"; readonly bytes: number }
  /** Chunks without an end. */
  | { readonly kind: "endless" }
  | { readonly kind: "drip"; readonly bytesPerSecond: number }
  | { readonly kind: "flip"; readonly at: number }
  | { readonly kind: "encode" }
  | { readonly kind: "redirect"; readonly status: number; readonly to: string }
  | {
      readonly kind: "status";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string;
    }
  /** The first answer to such a request is given again. */
  | { readonly kind: "stale" }
  /** These headers do not reach the server, as if it did not know them. */
  | { readonly kind: "ignore"; readonly headers: readonly string[] };

export interface SeenRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
}

export interface FaultProxy extends AsyncDisposable {
  readonly endpoint: string;
  /** Every request that came, the latest last. */
  readonly seen: readonly SeenRequest[];
  /** Decides on the fault of each request; undefined: none. `nth` counts from 0 since it was set. */
  use(choose: ((request: SeenRequest, nth: number) => Fault | undefined) | undefined): void;
  stop(): Promise<void>;
}

interface Upstream {
  readonly status: number;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

/** A proxy on loopback before a real HTTP server; it breaks what it is told to break. Without an upstream it answers 200. */
export async function startFaultProxy(upstream?: string): Promise<FaultProxy> {
  const seen: SeenRequest[] = [];
  const kept = new Map<string, Upstream>();
  let choose: Parameters<FaultProxy["use"]>[0];
  let nth = 0;
  const server = createServer((incoming, outgoing) => {
    const one = { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers };
    seen.push(one);
    const fault = choose?.(one, nth++);
    outgoing.on("error", () => undefined);
    serve(incoming, outgoing, fault).catch(() => outgoing.destroy());
  });

  const serve = async (incoming: IncomingMessage, outgoing: ServerResponse, fault: Fault | undefined) => {
    if (fault?.kind === "silence") return;
    if (fault?.kind === "reset") {
      incoming.socket.resetAndDestroy();
      return;
    }
    if (fault?.kind === "broken") {
      let taken = 0;
      incoming.on("data", (part: Buffer) => {
        taken += part.length;
        if (taken >= fault.after) incoming.socket.resetAndDestroy();
      });
      return;
    }
    if (fault?.kind === "latency") await sleep(fault.milliseconds);
    if (fault?.kind === "status" || fault?.kind === "redirect") {
      const headers = fault.kind === "redirect" ? { location: fault.to } : fault.headers;
      outgoing.writeHead(fault.status, { ...headers }).end(fault.kind === "status" ? fault.body : undefined);
      return;
    }
    const ignored = fault?.kind === "ignore" ? fault.headers : [];
    if (fault?.kind === "lost" || fault?.kind === "late" || fault?.kind === "twice") {
      const body = await buffer(incoming);
      if (fault.kind === "late") await sleep(fault.milliseconds);
      const answer = await forward(upstream, incoming, [], body);
      if (fault.kind === "twice") await forward(upstream, incoming, [], body);
      if (fault.kind === "lost") incoming.socket.resetAndDestroy();
      else if (!outgoing.destroyed) await respond(outgoing, answer, incoming.method === "HEAD", undefined);
      return;
    }
    const key = `${incoming.method} ${incoming.url}`;
    const answer =
      fault?.kind === "stale" && kept.has(key) ? kept.get(key)! : await forward(upstream, incoming, ignored);
    if (!kept.has(key)) kept.set(key, answer);
    await respond(outgoing, answer, incoming.method === "HEAD", fault);
  };

  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const stop = async () => {
    server.closeAllConnections();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  };
  return {
    endpoint: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    use(next) {
      choose = next;
      nth = 0;
    },
    stop,
    [Symbol.asyncDispose]: stop,
  };
}

async function forward(
  upstream: string | undefined,
  incoming: IncomingMessage,
  ignored: readonly string[],
  body?: Buffer,
): Promise<Upstream> {
  if (upstream === undefined) return { status: 200, headers: { "content-length": "0" }, body: Buffer.alloc(0) };
  const { hostname, port } = new URL(upstream);
  const headers = Object.fromEntries(Object.entries(incoming.headers).filter(([name]) => !ignored.includes(name)));
  const sent = request({ hostname, port, method: incoming.method!, path: incoming.url!, headers, agent: false });
  if (body === undefined) incoming.pipe(sent);
  else sent.end(body);
  const answer = await new Promise<IncomingMessage>((resolve, reject) =>
    sent.on("response", resolve).on("error", reject),
  );
  const { connection: _, "keep-alive": __, ...kept } = answer.headers;
  return { status: answer.statusCode!, headers: kept, body: await buffer(answer) };
}

async function respond(outgoing: ServerResponse, answer: Upstream, isHead: boolean, fault: Fault | undefined) {
  const { status, headers, body } = answer;
  const socket = outgoing.socket!;
  const head = (lines: Upstream["headers"]) =>
    `HTTP/1.1 ${status} X\r\n${Object.entries(lines)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join("")}`;
  switch (isHead ? undefined : fault?.kind) {
    case "flip": {
      const copy = Buffer.from(body);
      const { at } = fault as { at: number };
      if (at < copy.length) copy[at] = copy[at]! ^ 1;
      outgoing.writeHead(status, headers).end(copy);
      return;
    }
    case "encode":
      outgoing.writeHead(status, { ...lengthless(headers), "content-encoding": "gzip" }).end(gzipSync(body));
      return;
    case "cut":
      socket.write(`${head(headers)}\r\n`);
      socket.end(body.subarray(0, (fault as { after: number }).after));
      return;
    case "stall":
      socket.write(`${head(headers)}\r\n`);
      socket.write(body.subarray(0, (fault as { after: number }).after));
      return;
    case "cut-unmarked":
      socket.write(`${head({ ...lengthless(headers), connection: "close" })}\r\n`);
      socket.end(body.subarray(0, (fault as { after: number }).after));
      return;
    case "short":
      socket.write(`${head({ ...headers, "content-length": String(body.length) })}\r\n`);
      socket.end(body.subarray(0, body.length - (fault as { missing: number }).missing));
      return;
    case "extra":
      socket.write(`${head(headers)}\r\n`);
      socket.write(body);
      socket.write(Buffer.alloc((fault as { bytes: number }).bytes, "x"));
      return;
    case "endless":
      outgoing.writeHead(status, lengthless(headers));
      while (outgoing.writable && !socket.destroyed) {
        outgoing.write(Buffer.alloc(65536, "x"));
        await sleep(1);
      }
      return;
    case "endless-head":
      socket.write(head({}));
      while (!socket.destroyed) {
        socket.write("x-more: y\r\n");
        await sleep(20);
      }
      return;
    case "huge-head":
      outgoing.writeHead(status, { ...headers, "x-huge": "y".repeat(100_000) }).end(body);
      return;
    case "drip":
      outgoing.writeHead(status, headers);
      for (let at = 0; at < body.length && !socket.destroyed; at++) {
        outgoing.write(body.subarray(at, at + 1));
        await sleep(1000 / (fault as { bytesPerSecond: number }).bytesPerSecond);
      }
      outgoing.end();
      return;
    default:
      outgoing.writeHead(status, headers).end(isHead ? undefined : body);
  }
}

function lengthless(headers: Upstream["headers"]): Upstream["headers"] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => name !== "content-length"));
}
