import { shownName } from "../../../domain/archive-names.ts";
import type { ArchiveEntry, EntryKind } from "../../../domain/archive-tree.ts";
import { failure } from "../../../domain/failures/failure.ts";
import { type PaxRecords, parsePax } from "./pax.ts";
import { blockSize, decodeName, isZeroBlock, malformed, mustBeUtf8, readHeader, type TarHeader } from "./tar-header.ts";

/** Takes what a reader finds, in order: `begin`, for a file any number of `data`, then `end`. Throws to reject the archive. */
export interface EntrySink {
  begin(entry: ArchiveEntry): void;
  data(bytes: Buffer): void;
  end(): void;
}

interface Pending {
  path?: string;
  target?: string;
  pax?: PaxRecords;
  bytes: number;
}

const largestMeta = 1024 * 1024;
const largestOctalSize = 0o77777777777;
const metaTypes = new Set(["x", "g", "L", "K"]);
const forbidden: Readonly<Record<string, string>> = {
  "1": "it is a hard link",
  "3": "it is a character device",
  "4": "it is a block device",
  "6": "it is a FIFO",
  S: "it is a sparse file",
};

interface Meta {
  readonly header: TarHeader;
  readonly offset: number;
  readonly parts: Buffer[];
}

/**
 * A strict reader of ustar, pax (path, linkpath, size, mtime), GNU long names and v7. It accepts regular files, folders and
 * symbolic links and repairs nothing: whatever two readers could understand differently rejects the archive.
 */
export class TarReader {
  readonly #sink: EntrySink;
  /** A header that two chunks share. */
  readonly #carry = Buffer.alloc(blockSize);
  #carried = 0;
  /** Bytes left of the current file or metadata, then of the padding to the next block. */
  #body = 0;
  #padding = 0;
  /** Where the next header stands in the stream. */
  #offset = 0;
  #ending: "no" | "one-block" | "over" = "no";
  #meta: Meta | undefined;
  #pending: Pending = { bytes: 0 };
  #inFile = false;

  constructor(sink: EntrySink) {
    this.#sink = sink;
  }

  /** Reads the next bytes of the stream. */
  push(chunk: Buffer): void {
    let at = 0;
    while (at < chunk.length) {
      if (this.#body > 0) at += this.#takeBody(chunk, at);
      else if (this.#padding > 0) {
        const skipped = Math.min(this.#padding, chunk.length - at);
        this.#padding -= skipped;
        at += skipped;
      } else at += this.#takeHeader(chunk, at);
    }
  }

  /** The stream is over; throws when the archive is not. */
  close(): void {
    if (this.#body > 0 || this.#padding > 0 || this.#carried > 0) malformed("", this.#offset, "the archive is cut off");
    if (this.#ending !== "over") malformed("", this.#offset, "the two empty blocks at the end are missing");
  }

  #takeBody(chunk: Buffer, at: number): number {
    const taken = Math.min(this.#body, chunk.length - at);
    const part = chunk.subarray(at, at + taken);
    if (this.#meta === undefined) this.#sink.data(part);
    else this.#meta.parts.push(Buffer.from(part));
    this.#body -= taken;
    if (this.#body === 0) this.#endBody();
    return taken;
  }

  #endBody(): void {
    const meta = this.#meta;
    if (meta !== undefined) this.#takeMeta(meta.header, meta.offset, Buffer.concat(meta.parts));
    else if (this.#inFile) this.#sink.end();
    this.#inFile = false;
    this.#meta = undefined;
  }

  #takeHeader(chunk: Buffer, at: number): number {
    if (this.#carried === 0 && chunk.length - at >= blockSize) {
      this.#block(chunk, at);
      return blockSize;
    }
    const taken = Math.min(blockSize - this.#carried, chunk.length - at);
    chunk.copy(this.#carry, this.#carried, at, at + taken);
    this.#carried += taken;
    if (this.#carried === blockSize) {
      this.#carried = 0;
      this.#block(this.#carry, 0);
    }
    return taken;
  }

  #block(bytes: Buffer, start: number): void {
    const here = this.#offset;
    this.#offset += blockSize;
    if (bytes[start] === 0 && isZeroBlock(bytes, start)) {
      this.#zeroBlock(here);
      return;
    }
    if (this.#ending === "one-block") malformed("", here, "a single empty block between entries");
    if (this.#ending === "over") malformed("", here, "data after the end of the archive");
    const header = readHeader(bytes, start, here);
    if (metaTypes.has(header.type)) this.#beginMeta(header, here);
    else this.#beginEntry(header, here);
    this.#padding = (blockSize - (this.#body % blockSize)) % blockSize;
    this.#offset += this.#body + this.#padding;
    if (this.#body === 0) this.#endBody();
  }

  #zeroBlock(here: number): void {
    if (this.#pending.bytes > 0) malformed("", here, "metadata without an entry");
    this.#ending = this.#ending === "no" ? "one-block" : "over";
  }

  #beginMeta(header: TarHeader, here: number): void {
    const pending = this.#pending;
    pending.bytes += header.size;
    if (pending.bytes > largestMeta) {
      const details = { entry: shownName(header.name.text), offset: here, rule: "too much metadata for one entry" };
      throw failure("archive-too-large", { ...details, allowed: largestMeta });
    }
    if (header.size === 0) malformed(header.name.text, here, "empty metadata");
    const longNamed = pending.path !== undefined || pending.target !== undefined;
    const isPax = header.type === "x" || header.type === "g";
    if (pending.pax !== undefined || (isPax && longNamed)) malformed(header.name.text, here, "metadata for metadata");
    this.#body = header.size;
    this.#meta = { header, offset: here, parts: [] };
  }

  #takeMeta(header: TarHeader, here: number, bytes: Buffer): void {
    if (header.type === "g") {
      parsePax(bytes, here, true);
      this.#pending = { bytes: 0 };
    } else if (header.type === "x") this.#pending.pax = parsePax(bytes, here, false);
    else {
      const key = header.type === "L" ? "path" : "target";
      if (this.#pending[key] !== undefined) malformed(header.name.text, here, "two long names for one entry");
      this.#pending[key] = longName(bytes, here);
    }
  }

  #beginEntry(header: TarHeader, here: number): void {
    const entry = asEntry(header, this.#pending, here);
    this.#pending = { bytes: 0 };
    this.#body = entry.size;
    this.#inFile = entry.kind === "file";
    this.#sink.begin(entry);
  }
}

/** The GNU long name: one NUL at its end, none inside. */
function longName(bytes: Buffer, offset: number): string {
  const nul = bytes.indexOf(0);
  if (nul !== bytes.length - 1)
    malformed(bytes.toString("latin1"), offset, "long name that does not end with its only NUL");
  return decodeName(bytes, 0, nul, offset);
}

function asEntry(header: TarHeader, pending: Pending, offset: number): ArchiveEntry {
  const name = pending.pax?.path ?? pending.path ?? mustBeUtf8(header.name, offset);
  const kind = kindOf(header, name, offset);
  const size = pending.pax?.size ?? header.size;
  if (size !== header.size && !(size > largestOctalSize && [0, largestOctalSize].includes(header.size))) {
    malformed(name, offset, "pax size that differs from the header's");
  }
  if (kind !== "file" && size !== 0) malformed(name, offset, `a ${kind} with content`);
  const target = pending.pax?.target ?? pending.target ?? mustBeUtf8(header.target, offset);
  if (kind !== "symlink" && target !== "") malformed(name, offset, `a ${kind} with a link target`);
  const modified = pending.pax?.modified ?? header.modified;
  return { name, offset, kind, size, target, executable: (header.mode & 0o111) !== 0, modified };
}

function kindOf(header: TarHeader, name: string, offset: number): EntryKind {
  if (header.type === "0" || header.type === "\0") {
    // Before there was a type for folders, a name with a slash at its end said so.
    return name.endsWith("/") ? "directory" : "file";
  }
  if (header.type === "5") return "directory";
  if (header.type === "2") return "symlink";
  const rule = forbidden[header.type] ?? `its type "${shownName(header.type)}" is unknown`;
  throw failure("archive-forbidden-entry", { entry: shownName(name), offset, rule });
}
