import { failure } from "../../../domain/failures/failure.ts";
import type { UnpackPorts } from "./format.ts";
import { blockSize, looksLikeTar } from "./tar-header.ts";
import { TarReader } from "./tar-reader.ts";

/** Below this an archive may unpack at any ratio: padding and empty files weigh nothing when packed. */
export const freeBytes = 4 * 1024 * 1024;

/** Unpacks a stream of tar bytes; false when the bytes are no tar and the config does not demand one. */
export async function unpackTar(ports: UnpackPorts, chunks: AsyncIterable<Buffer>): Promise<boolean> {
  const { landing, source, request, demanded } = ports;
  const reader = new TarReader(landing);
  let begun = false;
  for await (const chunk of withWholeHead(measured(chunks, source.size, request.limits.ratio))) {
    if (!begun && !demanded && !looksLikeTar(chunk.subarray(0, blockSize))) return false;
    begun = true;
    reader.push(chunk);
  }
  if (!begun && !demanded) return false;
  reader.close();
  return true;
}

/** Passes on what comes, and stops a bomb. */
async function* measured(chunks: AsyncIterable<Buffer>, packed: number, ratio: number): AsyncGenerator<Buffer> {
  const most = Math.max(packed * ratio, freeBytes);
  let unpacked = 0;
  for await (const chunk of chunks) {
    unpacked += chunk.length;
    if (unpacked > most) throw bomb(unpacked, packed, ratio);
    yield chunk;
  }
}

/** Joins the first chunks until they hold a whole block. */
async function* withWholeHead(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head === undefined) yield chunk;
    else {
      head = Buffer.concat([head, chunk]);
      if (head.length < blockSize) continue;
      yield head;
      head = undefined;
    }
  }
  if (head !== undefined && head.length > 0) yield head;
}

/** The failure of an archive that unpacks to far more than it weighs. */
export function bomb(unpacked: number, packed: number, allowed: number): Error {
  return failure("archive-bomb", { unpacked, packed, allowed });
}
