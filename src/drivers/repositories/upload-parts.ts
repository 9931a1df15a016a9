import { createHash } from "node:crypto";
import { type FileHandle, open } from "node:fs/promises";
import type { Milliseconds } from "../../domain/duration.ts";
import { type Failure, failure } from "../../domain/failures/failure.ts";
import type { Bytes } from "../../domain/size.ts";
import type { SentBody } from "../../platform/ports.ts";
import type { UploadContent } from "./objects.ts";

/** A piece of a file that is sent as one, with its digests in lower-case hex. */
export interface Part {
  /** From 1. */
  readonly number: number;
  readonly from: Bytes;
  readonly length: Bytes;
  readonly sha256: string;
  readonly md5: string;
}

const stretch = 128 * 1024;
const uploadStart: Milliseconds = 600_000;
/** The slowest line over which it still counts as on its way, in bytes per millisecond. */
const slowestRate = 16;

/** The longest that sending so many bytes may take; `start` is for what is not sending. */
export function uploadTime(length: Bytes, start = uploadStart): Milliseconds {
  return start + length / slowestRate;
}

/**
 * Cuts a file into parts of this size, the last one shorter; a file without a byte is one part. Throws "upload-source-changed"
 * when it is not the content that was described.
 */
export async function partsOf(
  { file, length, sha256 }: UploadContent,
  partSize: Bytes,
  signal: AbortSignal,
): Promise<readonly [Part, ...Part[]]> {
  await using handle = await open(file, "r");
  const { size } = await handle.stat();
  if (size !== length) throw changed(file, `it has ${size} bytes instead of ${length}`);
  const whole = createHash("sha256");
  const buffer = Buffer.allocUnsafeSlow(stretch);
  const measure = async (number: number): Promise<Part> => {
    const from = (number - 1) * partSize;
    const own = { sha256: createHash("sha256"), md5: createHash("md5") };
    const part = { number, from, length: Math.min(partSize, length - from) };
    for await (const chunk of chunksOf(handle, file, part, signal, () => buffer)) {
      for (const hash of [whole, own.sha256, own.md5]) hash.update(chunk);
    }
    return { ...part, sha256: own.sha256.digest("hex"), md5: own.md5.digest("hex") };
  };
  const parts: [Part, ...Part[]] = [await measure(1)];
  while (parts.length * partSize < length) parts.push(await measure(parts.length + 1));
  if (whole.digest("hex") !== sha256) throw changed(file, "it has another SHA-256");
  return parts;
}

/** A part as it is sent; `onRead` hears of every chunk that was taken. */
export function bodyOfPart(
  { file }: UploadContent,
  part: Part,
  onRead: (bytes: Bytes) => void,
  signal: AbortSignal,
): SentBody & Pick<Part, "sha256" | "md5"> {
  const { length, sha256, md5 } = part;
  return {
    length,
    sha256,
    md5,
    async *chunks() {
      await using handle = await open(file, "r");
      // One buffer for each: what was handed to a connection is still in use.
      for await (const chunk of chunksOf(handle, file, part, signal, () => Buffer.allocUnsafeSlow(stretch))) {
        onRead(chunk.length);
        yield chunk;
      }
    },
  };
}

async function* chunksOf(
  handle: FileHandle,
  file: string,
  { from, length }: Pick<Part, "from" | "length">,
  signal: AbortSignal,
  bufferOf: () => Buffer,
): AsyncGenerator<Uint8Array> {
  for (let done = 0; done < length; ) {
    signal.throwIfAborted();
    const buffer = bufferOf();
    const { bytesRead } = await handle.read(buffer, 0, Math.min(stretch, length - done), from + done);
    if (bytesRead === 0) throw changed(file, "it became shorter");
    done += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}

function changed(file: string, problem: string): Failure {
  return failure("upload-source-changed", { file, problem });
}

/** What the store has of each part, told as one sum. */
export interface Progress {
  /** The part is about to be sent, from its start. */
  begin(part: Part): (bytes: Bytes) => void;
  done(part: Part): void;
}

export function progressOf(onProgress: (done: Bytes) => void): Progress {
  const sent = new Map<number, Bytes>();
  const set = (number: number, bytes: Bytes) => {
    sent.set(number, bytes);
    onProgress([...sent.values()].reduce((sum, one) => sum + one, 0));
  };
  return {
    begin({ number, length }) {
      set(number, 0);
      return (bytes) => set(number, Math.min(length, (sent.get(number) ?? 0) + bytes));
    },
    done: ({ number, length }) => set(number, length),
  };
}

/** So many parts are on their way at a time. */
const lanes = 3;

/** Sends parts beside one another; the first that fails ends the others. */
export async function sendAll(
  parts: readonly Part[],
  send: (part: Part, signal: AbortSignal) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const broken = new AbortController();
  const either = AbortSignal.any([signal, broken.signal]);
  const waiting = [...parts];
  const lane = async () => {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) await send(part, either);
  };
  const running = Array.from({ length: Math.min(lanes, parts.length) }, lane);
  try {
    await Promise.all(running);
  } catch (error) {
    broken.abort(error);
    await Promise.allSettled(running);
    throw error;
  }
}
