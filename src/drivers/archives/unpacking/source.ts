import fs, { constants } from "node:fs";
import { failure } from "../../../domain/failures/failure.ts";

/** The artifact as it came, opened once: what was recognised is what is unpacked. */
export interface Source {
  readonly fd: number;
  readonly size: number;
  /** The first bytes, to recognise the format by. */
  readonly head: Buffer;
  /** The next bytes in a buffer that the next call uses again; undefined at the end. */
  read(): Buffer | undefined;
  /** Fills `into` from `position`; throws when the file is shorter. */
  readAt(into: Buffer, position: number): void;
  rewind(): void;
  /** Tells how many packed bytes are done, for readers that do not `read`. */
  passed(bytes: number): void;
  close(): void;
}

const chunkSize = 1024 * 1024;
const headSize = 4096;

/** Opens the file for reading; `onProgress` hears of the bytes read, often. */
export function openSource(path: string, onProgress: (bytes: number) => void): Source {
  const attempt = <Value>(act: () => Value): Value => {
    try {
      return act();
    } catch (error) {
      throw failure("archive-unreadable", { path, reason: error instanceof Error ? error.message : "" }, error);
    }
  };
  const fd = attempt(() => fs.openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW));
  const { size } = attempt(() => fs.fstatSync(fd));
  const buffer = Buffer.allocUnsafeSlow(chunkSize);
  let position = 0;

  function fill(into: Buffer, from: number): number {
    let filled = 0;
    while (filled < into.length) {
      const got = attempt(() => fs.readSync(fd, into, filled, into.length - filled, from + filled));
      if (got === 0) break;
      filled += got;
    }
    return filled;
  }

  const head = Buffer.alloc(Math.min(headSize, size));
  fill(head, 0);
  return {
    fd,
    size,
    head,
    read() {
      const got = fill(buffer, position);
      position += got;
      onProgress(position);
      return got === 0 ? undefined : buffer.subarray(0, got);
    },
    readAt(into, from) {
      if (fill(into, from) < into.length)
        throw failure("archive-unreadable", { path, reason: "it is shorter than it was" });
    },
    rewind() {
      position = 0;
    },
    passed: onProgress,
    close: () => fs.closeSync(fd),
  };
}
