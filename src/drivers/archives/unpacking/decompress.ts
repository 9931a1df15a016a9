import type { Transform } from "node:stream";
import zlib, { constants } from "node:zlib";
import { Failure, failure } from "../../../domain/failures/failure.ts";
import type { Source } from "./source.ts";

/** Packed bytes to be read once, in order. */
type Packed = Pick<Source, "size" | "read">;

/** Output per step; large steps make few hops between the pool, where it is decompressed, and this thread, which writes. */
const chunkSize = 1024 * 1024;
/** Room for two steps, so that the pool decompresses the next one while this thread writes the last. */
export const streamOptions = { chunkSize, readableHighWaterMark: 2 * chunkSize };
/** zstd's own default bound: 128 MiB of window, what `zstd -d` accepts without being asked. */
const largestWindowLog = 27;

/** The bytes of a gzip file of any number of members (RFC 1952); nothing may follow the last. */
export function gunzip(source: Source): AsyncIterable<Buffer> {
  return decompress("gzip", source, zlib.createGunzip(streamOptions));
}

/** The bytes of a zstd file of any number of frames, skippable ones included (RFC 8878). */
export function unzstd(source: Source): AsyncIterable<Buffer> {
  const params = { [constants.ZSTD_d_windowLogMax]: largestWindowLog };
  return decompress(
    "zstd",
    source,
    zlib.createZstdDecompress({ ...streamOptions, params, rejectGarbageAfterEnd: true }),
  );
}

/** The bytes that `stream` makes of `source`; every packed byte must be used. */
export async function* decompress(
  format: string,
  source: Packed,
  stream: Transform & { readonly bytesWritten: number },
): AsyncGenerator<Buffer> {
  feed(stream, source);
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      yield chunk;
      release(chunk);
    }
    const left = source.size - stream.bytesWritten;
    if (left > 0) throw failure("archive-corrupt", { format, reason: `${left} bytes after its end` });
  } catch (error) {
    throw asFailureOf(format, error);
  } finally {
    stream.destroy();
  }
}

/**
 * Gives a used-up step back at once: the collector would let some 64 MiB of them gather first. Only when its last byte is
 * used, as the decompressor fills a step piece by piece.
 */
function release(chunk: Buffer): void {
  const { buffer } = chunk;
  const usedUp = buffer.byteLength === chunkSize && chunk.byteOffset + chunk.length === chunkSize;
  if (usedUp && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

/** Writes the source's one buffer again and again: each write calls back when the buffer is used up. */
function feed(stream: Transform, source: Packed): void {
  const step = (error?: Error | null) => {
    if (error || stream.destroyed) return;
    try {
      const bytes = source.read();
      if (bytes === undefined) stream.end();
      else stream.write(bytes, step);
    } catch (thrown) {
      stream.destroy(thrown instanceof Error ? thrown : new Error(String(thrown)));
    }
  };
  step();
}

/** What a decompressor throws, as a failure; failures pass. */
export function asFailureOf(format: string, error: unknown): Failure {
  if (error instanceof Failure) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "ZSTD_error_frameParameter_windowTooLarge" || code === "ZSTD_error_memory_allocation") {
    return failure("archive-needs-memory", { format, allowed: 2 ** largestWindowLog }, error);
  }
  return failure("archive-corrupt", { format, reason: error instanceof Error ? error.message : String(error) }, error);
}
