import type { Transform } from "node:stream";
import zlib, { constants } from "node:zlib";
import type { PackFormat } from "./artifact.ts";

const output = { chunkSize: 256 * 1024 };

/**
 * Each is one fixed setting, so that equal input becomes equal bytes on every machine: docs/decisions/0013 has the figures.
 * `size`: bytes of the input, exactly.
 */
const compressors: Readonly<Record<PackFormat, (size: number) => Transform>> = {
  "tar.zst": (size) =>
    zlib.createZstdCompress({
      ...output,
      pledgedSrcSize: size,
      params: {
        [constants.ZSTD_c_compressionLevel]: 9,
        [constants.ZSTD_c_checksumFlag]: 1,
      },
    }),
  // The header that it writes has neither a name nor a time.
  "tar.gz": () => zlib.createGzip({ ...output, level: 6 }),
};

/**
 * Compresses pieces and hands on what comes out. One piece is compressed while the next is made; each is done before the next
 * begins, and the last before the end is told: else the bytes would depend on how quick the machine is.
 */
export async function compress(
  format: PackFormat,
  size: number,
  pieces: Iterable<Buffer>,
  write: (bytes: Buffer) => Promise<void>,
): Promise<void> {
  const stream = compressors[format](size);
  const ends = await Promise.allSettled([drain(stream, write), feed(stream, pieces)]);
  const reasons: unknown[] = ends.flatMap((end) => (end.status === "rejected" ? [end.reason] : []));
  // When one side fails, the other finds the stream destroyed: that is not the reason.
  const [reason] = [...reasons.filter((each) => !saysDestroyed(each)), ...reasons];
  if (reason !== undefined) throw reason;
}

async function drain(stream: Transform, write: (bytes: Buffer) => Promise<void>): Promise<void> {
  for await (const bytes of stream as AsyncIterable<Buffer>) await write(bytes);
}

async function feed(stream: Transform, pieces: Iterable<Buffer>): Promise<void> {
  const closed = new Promise<void>((resolve) => stream.once("close", resolve));
  let done = Promise.resolve();
  try {
    for (const piece of pieces) {
      await done;
      if (stream.destroyed) return;
      done = Promise.race([taken(stream, piece), closed]);
      // Awaited above and below; meanwhile the next piece is made.
      done.catch(() => undefined);
    }
    await done;
    if (!stream.destroyed) stream.end();
  } catch (error) {
    stream.destroy(error as Error);
    throw error;
  }
}

function taken(stream: Transform, piece: Buffer): Promise<void> {
  return new Promise((resolve, reject) => {
    stream.write(piece, (error) => (error ? reject(error) : resolve()));
  });
}

function saysDestroyed(error: unknown): boolean {
  const code = error instanceof Error && "code" in error ? error.code : "";
  return code === "ERR_STREAM_DESTROYED" || code === "ERR_STREAM_PREMATURE_CLOSE";
}
