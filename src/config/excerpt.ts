import { printable, textWidth } from "../domain/text-width.ts";
import { lineAround, type Source, type Span } from "./hcl/source.ts";

/** The line that a diagnostic speaks of, ready to be printed, and the columns to put carets under. */
export interface Excerpt {
  readonly line: string;
  readonly from: number;
  readonly width: number;
}

export interface Shown {
  readonly excerpt: Excerpt;
  /** What the span points at is masked: a message must not repeat it. */
  readonly hidden: boolean;
}

const mask = "***";
/** Longer lines are clipped around the caret. */
const widest = 100;

/** The line of `span` with every secret in it masked; from the offset `hiddenFrom` on, the line's values are masked too. */
export function excerptOf(source: Source, span: Span, names: ReadonlySet<string>, hiddenFrom?: number): Shown {
  const line = lineAround(source, span.start);
  const raw = source.text.slice(line.start, line.end);
  const masked = maskFrom(source, line, raw, names);
  const start = Math.min(span.start, line.end) - line.start;
  const behind = hiddenFrom === undefined ? raw.length : valueBehind(raw, Math.max(0, hiddenFrom - line.start));
  const maskStart = Math.min(masked ?? raw.length, behind);
  const shown = maskStart < raw.length ? raw.slice(0, maskStart) + mask : raw;
  const safe = withoutCredentials(shown);
  const from = Math.min(start, maskStart, safe.length);
  const end = Math.min(Math.max(span.end - line.start, from + 1), safe.length);
  const excerpt = clip({
    line: printable(safe),
    from: textWidth(printable(safe.slice(0, from))),
    width: Math.max(1, textWidth(printable(safe.slice(from, end)))),
  });
  return { excerpt, hidden: masked !== undefined && start >= masked };
}

/** User and password in an address keep their place but not their letters. */
function withoutCredentials(line: string): string {
  return line.replace(
    /(:\/\/)([^/\s"]*)@/g,
    (_, scheme: string, user: string) => `${scheme}${"*".repeat(user.length)}@`,
  );
}

/** Where the value of a secret setting begins in a line: everything behind it is masked. */
function maskFrom(source: Source, line: Span, raw: string, names: ReadonlySet<string>): number | undefined {
  const above = lineAround(source, Math.max(0, line.start - 1));
  if (above.start < line.start && isOpenSecret(source.text.slice(above.start, above.end), names))
    return raw.length - raw.trimStart().length;
  for (const word of raw.matchAll(/[\p{L}_][\p{L}\p{Nd}_.-]*/gu)) {
    if (!names.has(word[0].toLowerCase())) continue;
    const value = valueBehind(raw, word.index + word[0].length);
    const rest = raw.slice(value);
    if (rest !== "" && !/^(?:env|file)\s*\("[^"]*"\)\s*$/.test(rest) && rest.trim() !== "{") return value;
  }
  return undefined;
}

/** Where the value begins that stands behind the name ending at `end`. */
function valueBehind(raw: string, end: number): number {
  return end + (/^"?[ \t]*[=:]?[ \t]*/.exec(raw.slice(end))?.[0].length ?? 0);
}

/** `secret =` at the end of a line: the value stands on the next one. */
function isOpenSecret(line: string, names: ReadonlySet<string>): boolean {
  const name = /([\p{L}_][\p{L}\p{Nd}_.-]*)"?\s*=\s*\[?\s*$/u.exec(line)?.[1];
  return name !== undefined && names.has(name.toLowerCase());
}

function clip({ line, from, width }: Excerpt): Excerpt {
  const letters = [...line];
  if (letters.length <= widest) return { line, from, width };
  const begin = Math.max(0, Math.min(from - Math.floor(widest / 3), letters.length - widest));
  const head = begin > 0 ? "…" : "";
  const tail = begin + widest < letters.length ? "…" : "";
  const shown = letters.slice(begin, begin + widest).join("");
  const start = from - textWidth(letters.slice(0, begin).join("")) + head.length;
  return {
    line: `${head}${shown}${tail}`,
    from: start,
    width: Math.max(1, Math.min(width, textWidth(shown) + head.length - start)),
  };
}
