/** The bytes that a class such as `[a-z]`, `[!a-z]` or `[[:digit:]_]` stands for, and where the pattern goes on. */
export interface ByteClass {
  readonly bytes: readonly number[];
  readonly end: number;
}

/** Some members of a class; `low` may begin a range. */
interface Members extends ByteClass {
  readonly low: number | undefined;
}

export const allBytes = Array.from({ length: 256 }, (_, byte) => byte);

/** In ASCII, as git has them, whatever the locale. */
const named: Readonly<Record<string, RegExp>> = {
  alnum: /[0-9A-Za-z]/,
  alpha: /[A-Za-z]/,
  blank: /[ \t]/,
  cntrl: /[\x00-\x1f\x7f]/,
  digit: /[0-9]/,
  graph: /[!-~]/,
  lower: /[a-z]/,
  print: /[ -~]/,
  punct: /[!-/:-@[-`{-~]/,
  space: /[ \t\n\r]/,
  upper: /[A-Z]/,
  xdigit: /[0-9A-Fa-f]/,
};

/** Reads the class whose bracket stands at `start`; undefined when it does not end, or names a class that there is not. */
export function classAt(pattern: string, start: number): ByteClass | undefined {
  const negated = /[!^]/.test(pattern[start + 1] ?? "");
  const members = new Set<number>();
  let at = start + (negated ? 2 : 1);
  let low: number | undefined;
  // A bracket that comes first is a member and no end.
  do {
    const found = membersAt(pattern, at, low);
    if (found === undefined) return undefined;
    for (const byte of found.bytes) members.add(byte);
    ({ low, end: at } = found);
  } while (pattern[at] !== "]");
  return { bytes: allBytes.filter((byte) => members.has(byte) !== negated), end: at + 1 };
}

function membersAt(pattern: string, at: number, low: number | undefined): Members | undefined {
  if (pattern.startsWith("[:", at)) return namedAt(pattern, at);
  const next = pattern[at + 1];
  if (pattern[at] === "-" && low !== undefined && next !== undefined && next !== "]") {
    const high = byteAt(pattern, at + 1);
    return high && { bytes: allBytes.slice(low, high.byte + 1), end: high.end, low: undefined };
  }
  const found = byteAt(pattern, at);
  return found && { bytes: [found.byte], end: found.end, low: found.byte };
}

function byteAt(pattern: string, at: number): { readonly byte: number; readonly end: number } | undefined {
  const place = pattern[at] === "\\" ? at + 1 : at;
  return place < pattern.length ? { byte: pattern.charCodeAt(place), end: place + 1 } : undefined;
}

function namedAt(pattern: string, at: number): Members | undefined {
  const end = pattern.indexOf("]", at + 2);
  if (end === -1) return undefined;
  // It only looks like a name: the bracket is a member like any other.
  if (end === at + 2 || pattern[end - 1] !== ":") return { bytes: [0x5b], end: at + 1, low: 0x5b };
  const fits = named[pattern.slice(at + 2, end - 1)];
  const bytes = allBytes.filter((byte) => fits?.test(String.fromCharCode(byte)));
  return fits && { bytes, end: end + 1, low: undefined };
}
