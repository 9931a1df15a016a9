import { closeSync, constants, fstatSync, openSync, readSync } from "node:fs";
import { shownName } from "../../domain/archive-names.ts";
import { failure } from "../../domain/failures/failure.ts";
import type { HeldTree } from "./held-tree.ts";
import { sourceFailure } from "./source-failure.ts";
import { paddingAfter, tarEnd, tarHead } from "./tar-head.ts";
import { stampOf, type TreeEntry } from "./tree-entry.ts";

/** What a compressor makes of a stream may depend on where its input is cut: it is always cut here. */
const pieceSize = 1024 * 1024;
/** Never follows a link, never waits for the other end of a pipe. */
const fileFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/**
 * The bytes of the tar of these entries, in pieces of one size. A piece is overwritten when the next but one is asked for.
 * Throws "source-changed" when a file is not the one that was listed.
 */
export function* tarPieces(held: HeldTree, entries: readonly TreeEntry[]): Generator<Buffer> {
  const pieces = twoPieces();
  for (const entry of entries) {
    yield* pieces.put(tarHead(entry));
    if (entry.kind !== "file") continue;
    yield* content(held, entry, pieces);
    yield* pieces.put(Buffer.alloc(paddingAfter(entry.size)));
  }
  yield* pieces.put(tarEnd);
  yield* pieces.rest();
}

interface Pieces {
  /** Where the next bytes go. */
  room(): Buffer;
  /** So many bytes were put there. */
  took(bytes: number): Generator<Buffer>;
  put(bytes: Buffer): Generator<Buffer>;
  rest(): Generator<Buffer>;
}

/** One is filled while the other is compressed. */
function twoPieces(): Pieces {
  let piece = Buffer.allocUnsafeSlow(pieceSize);
  let other = Buffer.allocUnsafeSlow(pieceSize);
  let filled = 0;
  function* took(bytes: number): Generator<Buffer> {
    filled += bytes;
    if (filled < pieceSize) return;
    yield piece;
    [piece, other] = [other, piece];
    filled = 0;
  }
  return {
    room: () => piece.subarray(filled),
    took,
    *put(bytes) {
      for (let put = 0; put < bytes.length; ) {
        const part = bytes.copy(piece, filled, put);
        put += part;
        yield* took(part);
      }
    },
    *rest() {
      if (filled > 0) yield piece.subarray(0, filled);
    },
  };
}

function* content(held: HeldTree, entry: TreeEntry, pieces: Pieces): Generator<Buffer> {
  const descriptor = openListed(held, entry);
  try {
    for (let left = entry.size; left > 0; ) {
      const room = pieces.room();
      const got = reading(entry, () => readSync(descriptor, room, 0, Math.min(room.length, left), null));
      if (got === 0) throw changed(entry);
      left -= got;
      yield* pieces.took(got);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Opens the very file that was listed, as it was then. */
function openListed(held: HeldTree, entry: TreeEntry): number {
  const slash = entry.path.lastIndexOf("/");
  const name = entry.path.slice(slash + 1);
  return reading(entry, () => {
    const descriptor = openSync(`${held.enter(entry.path.slice(0, Math.max(slash, 0)))}/${name}`, fileFlags);
    const stats = fstatSync(descriptor, { bigint: true });
    if (stats.isFile() && stampOf(stats) === entry.stamp) return descriptor;
    closeSync(descriptor);
    throw changed(entry);
  });
}

function reading<Value>({ path }: TreeEntry, act: () => Value): Value {
  try {
    return act();
  } catch (error) {
    throw error instanceof Error && "syscall" in error ? sourceFailure(path, error) : error;
  }
}

function changed({ path }: TreeEntry): Error {
  return failure("source-changed", { path: shownName(path), change: "changed" });
}
