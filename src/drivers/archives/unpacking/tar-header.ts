import { isAscii, isUtf8 } from "node:buffer";
import { shownName } from "../../../domain/archive-names.ts";
import { failure } from "../../../domain/failures/failure.ts";

/** POSIX.1-1988 ustar, its v7 ancestor and the GNU dialect: one block of 512 bytes. */
export const blockSize = 512;

/** A name of a header. Where metadata gives the whole one, this one may be cut in the middle of a character. */
export interface HeaderText {
  readonly text: string;
  readonly isUtf8: boolean;
}

export interface TarHeader {
  readonly type: string;
  readonly name: HeaderText;
  readonly target: HeaderText;
  readonly size: number;
  readonly mode: number;
  readonly modified: number;
}

/** Throws "archive-malformed"; `name` may be empty when it is not known yet. */
export function malformed(name: string, offset: number, rule: string, cause?: unknown): never {
  throw failure("archive-malformed", { entry: shownName(name), offset, rule }, cause);
}

export function isZeroBlock(bytes: Buffer, start: number): boolean {
  for (let at = start; at < start + blockSize; at += 1) if (bytes[at] !== 0) return false;
  return true;
}

/** Whether this block is a tar header: its checksum holds. Works for ustar, GNU and v7, which has no magic. */
export function looksLikeTar(block: Buffer): boolean {
  if (block.length < blockSize || block[0] === 0) return false;
  const stated = octal(block, 148, 156);
  return stated !== undefined && checksums(block, 0).includes(stated);
}

/** Reads the header at `start`; `offset` is its place in the whole stream, for messages. */
export function readHeader(bytes: Buffer, start: number, offset: number): TarHeader {
  const stated = octal(bytes, start + 148, start + 156);
  const [plain, signed] = checksums(bytes, start);
  if (stated === undefined || (stated !== plain && stated !== signed)) malformed("", offset, "bad header checksum");
  const magic = bytes.toString("latin1", start + 257, start + 265);
  const ustar = magic.startsWith("ustar\0");
  if (!ustar && magic !== "ustar  \0" && magic !== "\0\0\0\0\0\0\0\0") malformed("", offset, "unknown magic");
  const short = textField(bytes, start, 100, offset);
  const prefix = ustar ? textField(bytes, start + 345, 155, offset) : noText;
  const name = prefix.text === "" ? short : joined(prefix, short);
  return {
    type: String.fromCharCode(bytes[start + 156] ?? 0),
    name,
    target: textField(bytes, start + 157, 100, offset),
    size: sizeField(bytes, start + 124, name.text, offset),
    mode: octal(bytes, start + 100, start + 108) ?? 0,
    modified:
      numberField(bytes, start + 136, start + 148) ?? malformed(name.text, offset, "mtime is not a number in range"),
  };
}

/** Text that may be a file name; throws unless it is UTF-8. */
export function decodeName(bytes: Buffer, start: number, end: number, offset: number): string {
  return mustBeUtf8(decode(bytes, start, end), offset);
}

/** The text of a header that counts, as no metadata gives another one. */
export function mustBeUtf8(name: HeaderText, offset: number): string {
  if (name.isUtf8) return name.text;
  throw failure("archive-unsafe-path", { entry: shownName(name.text), offset, rule: "it is not UTF-8" });
}

const noText: HeaderText = { text: "", isUtf8: true };

function decode(bytes: Buffer, start: number, end: number): HeaderText {
  const part = bytes.subarray(start, end);
  if (isAscii(part)) return { text: part.toString("latin1"), isUtf8: true };
  return isUtf8(part)
    ? { text: part.toString("utf8"), isUtf8: true }
    : { text: part.toString("latin1"), isUtf8: false };
}

function joined(prefix: HeaderText, name: HeaderText): HeaderText {
  return { text: `${prefix.text}/${name.text}`, isUtf8: prefix.isUtf8 && name.isUtf8 };
}

function textField(bytes: Buffer, start: number, length: number, offset: number): HeaderText {
  if (bytes[start] === 0) {
    mustBeZero(bytes, start, start + length, "", offset);
    return noText;
  }
  let end = start;
  while (end < start + length && bytes[end] !== 0) end += 1;
  const found = decode(bytes, start, end);
  mustBeZero(bytes, end, start + length, found.text, offset);
  return found;
}

function mustBeZero(bytes: Buffer, start: number, end: number, text: string, offset: number): void {
  for (let at = start; at < end; at += 1) {
    if (bytes[at] !== 0) malformed(text, offset, "a name with bytes after its NUL");
  }
}

function sizeField(bytes: Buffer, start: number, name: string, offset: number): number {
  const first = bytes[start] ?? 0;
  if (first === 0xff) malformed(name, offset, "negative size");
  if (first === 0 || first === 0x20) {
    const blank = bytes.toString("latin1", start, start + 12).replace(/[\0 ]/g, "") === "";
    if (blank) malformed(name, offset, "no size");
  }
  return numberField(bytes, start, start + 12) ?? malformed(name, offset, "size is not a number in range");
}

/** Octal text, or GNU base-256 when the first bit is set; blank is 0. Undefined: neither, or beyond 2^53. Negative only for times. */
function numberField(bytes: Buffer, start: number, end: number): number | undefined {
  const first = bytes[start] ?? 0;
  if (first === 0xff) return -1;
  if (first < 0x80) return octal(bytes, start, end) ?? (isBlank(bytes, start, end) ? 0 : undefined);
  let value = first & 0x7f;
  for (let at = start + 1; at < end; at += 1) {
    value = value * 256 + (bytes[at] ?? 0);
    if (value > Number.MAX_SAFE_INTEGER) return undefined;
  }
  return value;
}

function isBlank(bytes: Buffer, start: number, end: number): boolean {
  for (let at = start; at < end; at += 1) if (bytes[at] !== 0 && bytes[at] !== 0x20) return false;
  return true;
}

/** Digits after leading spaces, ended by NUL, space or the end of the field; then only NUL and space. */
function octal(bytes: Buffer, start: number, end: number): number | undefined {
  let at = start;
  while (at < end && bytes[at] === 0x20) at += 1;
  const firstDigit = at;
  let value = 0;
  for (; at < end; at += 1) {
    const digit = (bytes[at] ?? 0) - 0x30;
    if (digit < 0 || digit > 7) break;
    value = value * 8 + digit;
  }
  return at > firstDigit && isBlank(bytes, at, end) ? value : undefined;
}

/** The sum of all bytes with the checksum field read as spaces: unsigned, and as some old writers had it, signed. */
function checksums(bytes: Buffer, start: number): readonly [number, number] {
  let plain = 8 * 0x20;
  let high = 0;
  for (let at = start; at < start + blockSize; at += 1) {
    const byte = bytes[at] as number;
    plain += byte;
    high += byte >> 7;
  }
  for (let at = start + 148; at < start + 156; at += 1) {
    const byte = bytes[at] as number;
    plain -= byte;
    high -= byte >> 7;
  }
  return [plain, plain - high * 256];
}
