import { crc32, createInflateRaw, inflateRawSync } from "node:zlib";
import { placed, shownName } from "../../../domain/archive-names.ts";
import type { ArchiveEntry } from "../../../domain/archive-tree.ts";
import { Failure, failure } from "../../../domain/failures/failure.ts";
import { asFailureOf, decompress, streamOptions } from "./decompress.ts";
import type { UnpackPorts } from "./format.ts";
import type { Source } from "./source.ts";
import { bomb, freeBytes } from "./tar-stream.ts";
import { readZipDirectory, type ZipEntry } from "./zip-directory.ts";

/** Entries up to this size are inflated in one step: no stream, no hop to the pool. */
const smallEntry = 1024 * 1024;

/** Unpacks a zip in the order of its central directory, each entry against the same rules as in a tar. */
export async function unpackZip(ports: UnpackPorts): Promise<boolean> {
  const { source, landing, request } = ports;
  const entries = await readZipDirectory(source, request.limits);
  const unpacked = entries.reduce((sum, entry) => sum + entry.size, 0);
  const { ratio } = request.limits;
  if (unpacked > Math.max(source.size * ratio, freeBytes)) throw bomb(unpacked, source.size, ratio);
  for (const entry of entries) {
    if (entry.kind === "symlink") landing.begin(await withTarget(source, entry));
    else if (entry.kind === "directory") landing.begin(entry);
    else await unpackFile(ports, entry);
    source.passed(entry.dataStart + entry.packedSize);
  }
  return true;
}

async function unpackFile({ source, landing }: UnpackPorts, entry: ZipEntry): Promise<void> {
  landing.begin(entry);
  for await (const part of content(source, entry)) landing.data(part);
  landing.end();
}

async function withTarget(source: Source, entry: ZipEntry): Promise<ArchiveEntry> {
  if (entry.size > 4096) broken(entry, "a link target of more than 4096 bytes");
  const parts: Buffer[] = [];
  for await (const part of content(source, entry)) parts.push(part);
  return { ...entry, size: 0, target: Buffer.concat(parts).toString("utf8") };
}

/** The bytes of an entry; throws when size or checksum are not those stated. */
async function* content(source: Source, entry: ZipEntry): AsyncGenerator<Buffer> {
  let size = 0;
  let sum = 0;
  for await (const part of unpacked(source, entry)) {
    size += part.length;
    if (size > entry.size) broken(entry, "more bytes than it states");
    sum = crc32(part, sum);
    yield part;
  }
  if (size !== entry.size) broken(entry, "fewer bytes than it states");
  if (sum !== entry.checksum) broken(entry, "content that does not match its checksum");
}

async function* unpacked(source: Source, entry: ZipEntry): AsyncGenerator<Buffer> {
  const packed = rangeOf(source, entry);
  if (!entry.deflated) {
    for (let bytes = packed.read(); bytes !== undefined; bytes = packed.read()) yield bytes;
    return;
  }
  try {
    if (entry.size <= smallEntry && entry.packedSize <= 2 * smallEntry) yield inflateSmall(source, entry);
    else yield* decompress("zip", packed, createInflateRaw(streamOptions));
  } catch (error) {
    if (error instanceof Failure && error.code !== "archive-corrupt") throw error;
    const { message } = asFailureOf("zip", error);
    broken(entry, `damaged content (${message})`, error);
  }
}

function inflateSmall(source: Source, entry: ZipEntry): Buffer {
  const packed = Buffer.allocUnsafe(entry.packedSize);
  source.readAt(packed, entry.dataStart);
  const { buffer, engine } = inflateRawSync(packed, { maxOutputLength: entry.size + 1, info: true }) as unknown as {
    readonly buffer: Buffer;
    readonly engine: { readonly bytesWritten: number };
  };
  if (engine.bytesWritten !== entry.packedSize) broken(entry, "bytes after its content");
  return buffer;
}

function rangeOf(source: Source, entry: ZipEntry): Pick<Source, "size" | "read"> {
  const buffer = Buffer.allocUnsafe(Math.min(smallEntry, entry.packedSize));
  let done = 0;
  return {
    size: entry.packedSize,
    read() {
      if (done === entry.packedSize) return undefined;
      const part = buffer.subarray(0, Math.min(buffer.length, entry.packedSize - done));
      source.readAt(part, entry.dataStart + done);
      done += part.length;
      return part;
    },
  };
}

function broken(entry: ZipEntry, rule: string, cause?: unknown): never {
  throw failure("archive-malformed", { ...placed(entry, rule), entry: shownName(entry.name) }, cause);
}
