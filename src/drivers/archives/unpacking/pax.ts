import { decodeName, malformed } from "./tar-header.ts";

/** What is honoured of a POSIX.1-2001 extended header (pax, "Extended Header File Format"). */
export interface PaxRecords {
  readonly path?: string;
  readonly target?: string;
  readonly size?: number;
  readonly modified?: number;
}

/** Standard keywords that change nothing we use. */
const harmless = new Set(["atime", "ctime", "uid", "gid", "uname", "gname", "comment"]);
const entryKeywords = new Set(["path", "linkpath", "size"]);
/** Vendors' keywords that would change the content or the kind of an entry. */
const meaningful = /^(?:GNU\.|SUN\.holesdata|SCHILY\.(?:realsize|filetype|tarfiletype|offset|volhdr|archtype)|STAR\.)/;
const utf8Names = new Set(["ISO-IR 10646 2000 UTF-8"]);

/**
 * Parses the records of one extended header. Every byte must belong to a record; a repeated, unknown or meaningful keyword
 * throws "archive-malformed". A global header may only hold what is ignored.
 */
export function parsePax(bytes: Buffer, offset: number, global: boolean): PaxRecords {
  const records: Writable = {};
  const seen = new Set<string>();
  for (const { keyword, valueStart, end } of split(bytes, offset)) {
    if (seen.has(keyword)) malformed(keyword, offset, "pax keyword given twice");
    seen.add(keyword);
    if (global && entryKeywords.has(keyword)) malformed(keyword, offset, "global pax header that changes entries");
    take(records, keyword, bytes.subarray(valueStart, end), offset);
  }
  return records;
}

type Writable = { -readonly [Key in keyof PaxRecords]: PaxRecords[Key] };

function take(records: Writable, keyword: string, value: Buffer, offset: number): void {
  if (keyword === "path") records.path = textValue(value, offset, keyword);
  else if (keyword === "linkpath") records.target = textValue(value, offset, keyword);
  else if (keyword === "size") records.size = sizeValue(value.toString("latin1"), offset);
  else if (keyword === "mtime") records.modified = timeValue(value.toString("latin1"), offset);
  else judgeIgnored(keyword, value.toString("latin1"), offset);
}

interface Span {
  readonly keyword: string;
  readonly valueStart: number;
  readonly end: number;
}

/** `LENGTH KEYWORD=VALUE\n`, the length counting itself. */
function* split(bytes: Buffer, offset: number): Generator<Span> {
  let start = 0;
  while (start < bytes.length) {
    const space = bytes.indexOf(0x20, start);
    const digits = space === -1 || space - start > 7 ? "" : bytes.toString("latin1", start, space);
    if (!/^[1-9]\d*$/.test(digits)) malformed("", offset, "pax record without a length");
    const end = start + Number(digits);
    if (end > bytes.length || end <= space + 1 || bytes[end - 1] !== 0x0a) {
      malformed("", offset, "pax record with a wrong length");
    }
    const equals = bytes.indexOf(0x3d, space + 1);
    if (equals === -1 || equals >= end - 1 || equals === space + 1) malformed("", offset, "pax record without keyword");
    yield { keyword: decodeName(bytes, space + 1, equals, offset), valueStart: equals + 1, end: end - 1 };
    start = end;
  }
}

function textValue(value: Buffer, offset: number, keyword: string): string {
  const text = decodeName(value, 0, value.length, offset);
  if (text === "" || text.includes("\0")) malformed(text, offset, `pax ${keyword} that is empty or holds a NUL`);
  return text;
}

function sizeValue(text: string, offset: number): number {
  const size = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
  return Number.isSafeInteger(size) ? size : malformed("size", offset, "pax size that is not a number in range");
}

function timeValue(text: string, offset: number): number {
  return /^-?\d{1,15}(?:\.\d*)?$/.test(text) ? Number(text) : malformed("mtime", offset, "pax mtime that is no time");
}

function judgeIgnored(keyword: string, value: string, offset: number): void {
  if (harmless.has(keyword)) return;
  if (keyword === "hdrcharset" && utf8Names.has(value)) return;
  if (meaningful.test(keyword)) malformed(keyword, offset, "pax keyword that is not supported");
  // POSIX leaves capital letters to vendors ("VENDOR.keyword"); small letters are its own and would have a meaning.
  if (!/^[A-Z][A-Za-z0-9]*[.-]/.test(keyword)) malformed(keyword, offset, "unknown pax keyword");
}
