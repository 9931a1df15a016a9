/** A page of a listing (Amazon S3 API reference, "ListObjectsV2"). */
export interface ObjectPage {
  readonly keys: readonly string[];
  /** What the next page is asked for with; undefined: there is none. */
  readonly next: string | undefined;
}

/** Undefined for what is no listing. */
export function pageIn(text: string): ObjectPage | undefined {
  if (!/<ListBucketResult[\s>][\s\S]*<\/ListBucketResult>\s*$/.test(text)) return undefined;
  const keys = [...text.matchAll(/<Key>([^<]*)<\/Key>/g)].map(([, key = ""]) => unescaped(key));
  const next = /<NextContinuationToken>([^<]+)<\/NextContinuationToken>/.exec(text)?.[1];
  const more = /<IsTruncated>\s*true\s*<\/IsTruncated>/.test(text);
  if (more && next === undefined) return undefined;
  return { keys, next: more && next !== undefined ? unescaped(next) : undefined };
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
