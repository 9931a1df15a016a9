import type { IncomingMessage } from "node:http";
import { formatDuration, type Milliseconds } from "../domain/duration.ts";
import { type Failure, failure } from "../domain/failures/failure.ts";

/** What is taken from the connection ahead of the reader: enough to keep the line busy during a write to disk. */
const ahead = 256 * 1024;
/** A body that is dropped is read to its end when it is this short, so that the connection can be used again. */
const drainable = 64 * 1024;

/** Where the body of one answer belongs, and what ends it. */
export interface BodySource {
  readonly address: string;
  /** The longest pause between two parts. */
  readonly gap: Milliseconds;
  readonly signal: AbortSignal | undefined;
  /** No body follows the head, whatever length it states (HEAD, 204, 304). */
  readonly empty: boolean;
}

export interface Body extends AsyncIterable<Uint8Array> {
  discard(): void;
}

/** Mutable state of one body: parts that came and were not read yet, and how it ended. */
interface Reading {
  readonly parts: Uint8Array[];
  queued: number;
  got: number;
  ended: boolean;
  problem: unknown;
  wake: (() => void) | undefined;
}

/** What a body that ended too early is reported as. */
function cut(address: string, message: IncomingMessage, got: number): Failure {
  const length = message.headers["content-length"];
  return failure("connection-cut", { address, got, expected: length === undefined ? "" : ` of ${length}` });
}

function listen(message: IncomingMessage, source: BodySource, reading: Reading): void {
  const wake = () => reading.wake?.();
  const finish = (problem?: unknown) => {
    if (reading.ended) return;
    reading.ended = true;
    reading.problem = problem;
    source.signal?.removeEventListener("abort", aborted);
    wake();
  };
  const aborted = () => {
    finish(source.signal?.reason);
    message.destroy();
  };
  message.on("data", (part: Uint8Array) => {
    reading.parts.push(part);
    reading.queued += part.length;
    reading.got += part.length;
    if (reading.queued >= ahead) message.pause();
    wake();
  });
  message.once("end", () => finish(message.complete ? undefined : cut(source.address, message, reading.got)));
  message.on("error", () => finish(cut(source.address, message, reading.got)));
  message.once("close", () => finish(cut(source.address, message, reading.got)));
  if (source.signal?.aborted) aborted();
  else source.signal?.addEventListener("abort", aborted, { once: true });
}

/** Resolves as soon as there is a part, or the end; fails when neither comes within the longest pause. */
function more(source: BodySource, reading: Reading): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      reading.wake = undefined;
      const after = formatDuration(source.gap);
      reject(failure("timed-out", { address: source.address, stage: "the next part of the answer", after }));
    }, source.gap);
    reading.wake = () => {
      clearTimeout(timer);
      reading.wake = undefined;
      resolve();
    };
  });
}

async function* read(message: IncomingMessage, source: BodySource): AsyncGenerator<Uint8Array> {
  const reading: Reading = { parts: [], queued: 0, got: 0, ended: false, problem: undefined, wake: undefined };
  listen(message, source, reading);
  try {
    while (true) {
      const part = reading.parts.shift();
      if (part !== undefined) {
        reading.queued -= part.length;
        if (message.isPaused() && reading.queued < ahead / 2) message.resume();
        yield part;
      } else if (!reading.ended) {
        await more(source, reading);
      } else if (reading.problem !== undefined) {
        throw reading.problem;
      } else {
        return;
      }
    }
  } finally {
    if (!message.readableEnded) message.destroy();
  }
}

/** A body whose connection ended before anybody asked for it: empty when it was read to its end, else cut. */
// biome-ignore lint/correctness/useYield: it has nothing to give, but it has to end or to fail like one that has
async function* readEnded(message: IncomingMessage, { address }: BodySource): AsyncGenerator<Uint8Array> {
  if (!message.readableEnded) throw cut(address, message, 0);
}

/**
 * The body of an answer: read once, or dropped. A body that ends before its stated length, or whose chunks end early, throws
 * "connection-cut"; a pause longer than `gap` throws "timed-out"; an abort throws the signal's reason.
 */
export function bodyOf(message: IncomingMessage, source: BodySource): Body {
  let taken = false;
  // until somebody reads, an error of the connection has nobody to go to
  message.on("error", () => undefined);
  return {
    [Symbol.asyncIterator]() {
      taken = true;
      return message.destroyed || message.readableEnded ? readEnded(message, source) : read(message, source);
    },
    discard() {
      if (taken || message.destroyed) return;
      taken = true;
      if (source.empty) {
        message.resume();
        return;
      }
      const length = Number(message.headers["content-length"] ?? 0);
      if (length > drainable) message.destroy();
      else drain(message, source.gap);
    },
  };
}

/** Reads a short body to its end, within a limit of time and of bytes. */
function drain(message: IncomingMessage, limit: Milliseconds): void {
  const timer = setTimeout(() => message.destroy(), Math.min(limit, 5000));
  timer.unref();
  message.once("close", () => clearTimeout(timer));
  let got = 0;
  message.on("data", (part: Uint8Array) => {
    got += part.length;
    if (got > drainable) message.destroy();
  });
}
