import { isAscii } from "node:buffer";
import type { EntryKind } from "../../domain/archive-tree.ts";

/** What a tar says of one entry of ours; its content follows the head, filled up to whole blocks. */
export interface TarEntry {
  /** Relative, without a slash at its end. */
  readonly path: string;
  readonly kind: EntryKind;
  readonly size: number;
  readonly executable: boolean;
  /** Of a link. */
  readonly target: string;
}

const blockSize = 512;
/** Two blocks of zeros. */
export const tarEnd = Buffer.alloc(2 * blockSize);

const types: Readonly<Record<EntryKind, string>> = { file: "0", symlink: "2", directory: "5" };
const fieldSize = 100;
const largestSize = 0o77777777777;

/**
 * The blocks before an entry's content: a ustar header (POSIX.1-1988), and before that a pax one (POSIX.1-2001) where the path
 * is not ASCII, or something does not fit. Byte for byte what GNU tar writes with
 * `--format=posix --mtime=@0 --owner=0 --group=0 --numeric-owner --mode=u=rwX,go=rX`.
 */
export function tarHead(entry: TarEntry): Buffer {
  const name = entry.kind === "directory" ? `${entry.path}/` : entry.path;
  const records = [
    fits(entry.target) ? "" : record("linkpath", entry.target),
    fits(name) && isAscii(Buffer.from(name)) ? "" : record("path", name),
    entry.size <= largestSize ? "" : record("size", String(entry.size)),
  ].join("");
  const mode = entry.kind !== "file" || entry.executable ? 0o755 : 0o644;
  const fields = { name, mode, type: types[entry.kind], target: entry.target };
  const size = entry.size <= largestSize ? entry.size : 0;
  const own = header({ ...fields, size });
  own.write("0000000\x000000000\0", 329, "latin1");
  own.write(checksum(own), 148, "latin1");
  return records === "" ? own : Buffer.concat([paxHead(entry.path, Buffer.from(records)), own]);
}

/** How many bytes fill a content up to whole blocks. */
export function paddingAfter(size: number): number {
  return (blockSize - (size % blockSize)) % blockSize;
}

function paxHead(path: string, records: Buffer): Buffer {
  const slash = path.lastIndexOf("/");
  const name = `${slash === -1 ? "." : path.slice(0, slash)}/PaxHeaders/${path.slice(slash + 1)}`;
  const own = header({ name, mode: 0o644, type: "x", target: "", size: records.length });
  own.write(checksum(own), 148, "latin1");
  return Buffer.concat([own, records, Buffer.alloc(paddingAfter(records.length))]);
}

interface Fields {
  readonly name: string;
  readonly mode: number;
  readonly size: number;
  readonly type: string;
  readonly target: string;
}

/** Names are cut where they do not fit: the pax header has them whole. */
function header({ name, mode, size, type, target }: Fields): Buffer {
  const block = Buffer.alloc(blockSize);
  Buffer.from(name).copy(block, 0, 0, fieldSize);
  block.write(
    `${octal(mode, 7)}\0${octal(0, 7)}\0${octal(0, 7)}\0${octal(size, 11)}\0${octal(0, 11)}\0`,
    100,
    "latin1",
  );
  block.write(`        ${type}`, 148, "latin1");
  Buffer.from(target).copy(block, 157, 0, fieldSize);
  block.write("ustar\x0000", 257, "latin1");
  return block;
}

/** Of the block with spaces in its place. */
function checksum(block: Buffer): string {
  let sum = 0;
  for (const byte of block) sum += byte;
  return `${octal(sum, 6)}\0 `;
}

function octal(value: number, digits: number): string {
  return value.toString(8).padStart(digits, "0");
}

function fits(text: string): boolean {
  return Buffer.byteLength(text) <= fieldSize;
}

/** `LENGTH KEYWORD=VALUE\n`, the length counting itself. */
function record(keyword: string, value: string): string {
  const rest = Buffer.byteLength(` ${keyword}=${value}\n`);
  let length = rest + 1;
  while (length !== rest + String(length).length) length = rest + String(length).length;
  return `${length} ${keyword}=${value}\n`;
}
