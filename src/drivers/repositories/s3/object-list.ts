import type { Bytes } from "../../../domain/size.ts";

/** A page of a listing (Amazon S3 API reference, "ListObjectsV2"). */
export interface ObjectPage {
  readonly objects: readonly PagedObject[];
  /** What the next page is asked for with; undefined: there is none. */
  readonly next: string | undefined;
}

export interface PagedObject {
  readonly key: string;
  readonly length: Bytes;
  /** Milliseconds since 1970. */
  readonly modified: number;
}

/** Undefined for what is no listing. */
export function pageIn(text: string): ObjectPage | undefined {
  if (!/<ListBucketResult[\s>][\s\S]*<\/ListBucketResult>\s*$/.test(text)) return undefined;
  const objects = partsNamed("Contents", text).map((part) => ({
    key: textOf("Key", part) ?? "",
    length: Number(textOf("Size", part) ?? Number.NaN),
    modified: Date.parse(textOf("LastModified", part) ?? ""),
  }));
  const next = textOf("NextContinuationToken", text);
  const more = isCutShort(text);
  return more && next === undefined ? undefined : { objects, next: more ? next : undefined };
}

/** Whether there is another page. */
export function isCutShort(text: string): boolean {
  return /<IsTruncated>\s*true\s*<\/IsTruncated>/.test(text);
}

/** What stands in each element of that name; elements of one name are in one another nowhere in this protocol. */
export function partsNamed(name: string, text: string): readonly string[] {
  return text
    .split(`<${name}>`)
    .slice(1)
    .map((part) => part.split(`</${name}>`, 1)[0] ?? "");
}

/** The text of the first element of that name; undefined for none, and for an empty one. */
export function textOf(name: string, text: string): string | undefined {
  const start = text.indexOf(`<${name}>`);
  if (start < 0) return undefined;
  const from = start + name.length + 2;
  const end = text.indexOf("<", from);
  return end <= from || !text.startsWith(`</${name}>`, end) ? undefined : unescaped(text.slice(from, end));
}

const named: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/** The references that XML has without a document type (XML 1.0, sections 4.1 and 4.6). */
function unescaped(text: string): string {
  return text.replace(/&(?:#x([0-9a-f]{1,6})|#(\d{1,7})|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return named[name] ?? whole;
    const point = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    return point <= 0x10ffff ? String.fromCodePoint(point) : whole;
  });
}
