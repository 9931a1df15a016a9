import { isAscii, isUtf8 } from "node:buffer";
import { type Entry, fromFdPromise, type LocalFileHeader, type ZipFile } from "yauzl";
import { placed, shownName } from "../../../domain/archive-names.ts";
import type { ArchiveEntry, EntryKind } from "../../../domain/archive-tree.ts";
import { Failure, failure } from "../../../domain/failures/failure.ts";
import type { ArchiveLimits } from "../../../domain/service.ts";
import type { Source } from "./source.ts";

/** An entry whose central and local headers agree (APPNOTE.TXT 4.3). */
export interface ZipEntry extends ArchiveEntry {
  readonly deflated: boolean;
  readonly checksum: number;
  readonly packedSize: number;
  readonly dataStart: number;
}

const encryptionFlags = 0x2041;
const descriptorFlag = 0x08;
const patchedFlag = 0x20;
const utf8Flag = 0x800;
const unicodePathField = 0x7075;
/** Systems whose external attributes hold a Unix mode: Unix itself and macOS. */
const unixSystems = new Set([3, 19]);
const endRecordSize = 22;
const zip64Record = 0x06064b50;
const zip64LocatorSize = 20;
const linkType = 0o120000;
const folderType = 0o040000;
const fileType = 0o100000;

/** Reads all headers before anything is unpacked; throws when two readers could see two archives. */
export async function readZipDirectory(source: Source, limits: ArchiveLimits): Promise<readonly ZipEntry[]> {
  try {
    const file = await fromFdPromise(source.fd, { decodeStrings: false, autoClose: false });
    if (file.entryCount > limits.entries) {
      const details = { entry: "", offset: 0, rule: `${file.entryCount} entries`, allowed: limits.entries };
      throw failure("archive-too-large", details);
    }
    const begin = cursorOf(file);
    const entries: ZipEntry[] = [];
    for await (const entry of file.eachEntry()) entries.push(await readEntry(file, entry));
    mustNotOverlap(entries, begin);
    mustBeFollowedByEnd(source, cursorOf(file), source.size - endRecordSize - file.comment.length);
    return entries;
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw failure("archive-corrupt", { format: "zip", reason: messageOf(error) }, error);
  }
}

async function readEntry(file: ZipFile, entry: Entry): Promise<ZipEntry> {
  const offset = entry.relativeOffsetOfLocalHeader;
  const raw = entry.fileName as unknown as Buffer;
  const name = nameOf(raw, entry, offset);
  const place = { name, offset };
  if ((entry.generalPurposeBitFlag & encryptionFlags) !== 0) forbid(place, "it is encrypted");
  if ((entry.generalPurposeBitFlag & patchedFlag) !== 0) forbid(place, "it is a patch of another file");
  if (entry.compressionMethod !== 0 && entry.compressionMethod !== 8) {
    forbid(place, `it is packed with method ${entry.compressionMethod}; only stored and deflated are supported`);
  }
  const local = await file.readLocalFileHeaderPromise(entry);
  const difference = differs(entry, raw, local);
  if (difference !== undefined) {
    throw failure("archive-malformed", placed(place, `its two headers differ in ${difference}`));
  }
  const mode = unixSystems.has(entry.versionMadeBy >> 8) ? entry.externalFileAttributes >>> 16 : 0;
  const kind = kindOf(place, mode);
  if (kind === "directory" && entry.uncompressedSize !== 0) {
    throw failure("archive-malformed", placed(place, "a folder with content"));
  }
  return {
    ...place,
    kind,
    size: entry.uncompressedSize,
    target: "",
    executable: (mode & 0o111) !== 0,
    modified: entry.getLastModDate().getTime() / 1000 || undefined,
    deflated: entry.compressionMethod === 8,
    checksum: entry.crc32,
    packedSize: entry.compressedSize,
    dataStart: local.fileDataStart,
  };
}

/** A name is UTF-8, whether its flag says so or not, and no extra field may say another one. */
function nameOf(raw: Buffer, entry: Entry, offset: number): string {
  if (!isAscii(raw) && !isUtf8(raw)) {
    const details = { entry: shownName(raw.toString("latin1")), offset, rule: "it is not UTF-8" };
    throw failure("archive-unsafe-path", details);
  }
  const name = raw.toString("utf8");
  const other = entry.extraFields.find(({ id }) => id === unicodePathField);
  if (other !== undefined && !other.data.subarray(5).equals(raw)) {
    throw failure("archive-malformed", placed({ name, offset }, "an extra field gives it another name"));
  }
  return name;
}

function differs(entry: Entry, name: Buffer, local: LocalFileHeader): string | undefined {
  const flags = encryptionFlags | descriptorFlag | patchedFlag | utf8Flag;
  if (!local.fileName.equals(name)) return "name";
  if ((local.generalPurposeBitFlag & flags) !== (entry.generalPurposeBitFlag & flags)) return "flags";
  if (local.compressionMethod !== entry.compressionMethod) return "method";
  // With a descriptor the local header may leave these out.
  const later = (local.generalPurposeBitFlag & descriptorFlag) !== 0;
  const same = (one: number, other: number) => one === other || one === 0xffffffff || (later && one === 0);
  if (!same(local.crc32, entry.crc32)) return "checksum";
  if (!same(local.compressedSize, entry.compressedSize)) return "packed size";
  return same(local.uncompressedSize, entry.uncompressedSize) ? undefined : "size";
}

function kindOf(place: { readonly name: string; readonly offset: number }, mode: number): EntryKind {
  const type = mode & 0o170000;
  const slash = place.name.endsWith("/");
  if (type === linkType && !slash) return "symlink";
  if (type === folderType || (type === 0 && slash)) {
    if (!slash) throw failure("archive-malformed", placed(place, "a folder without a slash at the end of its name"));
    return "directory";
  }
  if (type === fileType || type === 0) {
    if (slash) throw failure("archive-malformed", placed(place, "a file with a slash at the end of its name"));
    return "file";
  }
  return forbid(place, `its type ${type.toString(8)} is neither file, folder nor link`);
}

/** The entries fill the file from its first byte on, one after the other: a byte belongs to one entry only. */
function mustNotOverlap(entries: readonly ZipEntry[], directory: number): void {
  let end = 0;
  for (const entry of [...entries].sort((one, other) => one.offset - other.offset)) {
    if (end === 0 && entry.offset !== 0)
      throw failure("archive-malformed", placed(entry, "data before the first entry"));
    if (entry.offset < end) throw failure("archive-malformed", placed(entry, "it overlaps another entry"));
    end = entry.dataStart + entry.packedSize;
    if (end > directory) throw failure("archive-malformed", placed(entry, "it reaches into the directory"));
  }
}

/** Between the directory and the end record only the zip64 records may stand; else a second archive could hide there. */
function mustBeFollowedByEnd(source: Source, directoryEnd: number, endRecord: number): void {
  if (directoryEnd === endRecord) return;
  const record = Buffer.alloc(12);
  if (endRecord - directoryEnd > record.length) source.readAt(record, directoryEnd);
  const recordEnd = directoryEnd + record.length + Number(record.readBigUInt64LE(4));
  if (record.readUInt32LE(0) !== zip64Record || recordEnd + zip64LocatorSize !== endRecord) {
    const details = { entry: "", offset: directoryEnd, rule: "data between the directory and the end record" };
    throw failure("archive-malformed", details);
  }
}

/** Where the library reads the directory next; its types call it a flag. */
function cursorOf(file: ZipFile): number {
  return Number(file.readEntryCursor);
}

function forbid(place: { readonly name: string; readonly offset: number }, rule: string): never {
  throw failure("archive-forbidden-entry", placed(place, rule));
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
