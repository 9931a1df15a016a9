import type { Span } from "./source.ts";

/** What is wrong inside a file's syntax, and where. */
export interface Fault extends Span {
  readonly message: string;
  readonly expected?: string;
}

/** A string that was read: its meaning and where it ends, or what is wrong with it. */
export interface ReadText {
  readonly text: string;
  readonly end: number;
  readonly verbatimFrom?: number;
  readonly faults: readonly Fault[];
}

const simpleEscapes: Readonly<Record<string, string>> = {
  a: "\x07",
  b: "\b",
  f: "\f",
  n: "\n",
  r: "\r",
  t: "\t",
  v: "\v",
  "\\": "\\",
  '"': '"',
};

const numericEscape = /\\(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-7]{3}))/y;

/**
 * Reads a string whose opening quote stands at `start`. As in HCL 1, `${…}` is passed through letter by letter up to the
 * brace that closes it, quotes and line breaks included.
 */
export function readQuoted(source: string, start: number): ReadText {
  const faults: Fault[] = [];
  let text = "";
  let at = start + 1;
  let verbatim = true;
  while (source[at] !== '"') {
    const letter = source[at];
    if (letter === undefined || letter === "\n") {
      return { text, end: at, faults: [...faults, unterminated(source, start, at)] };
    }
    const piece = readPiece(source, at);
    if (piece === undefined) return openInterpolation(source, at, faults);
    if (piece.fault) faults.push(piece.fault);
    verbatim &&= letter !== "\\";
    text += piece.text;
    at = piece.end;
  }
  return { text, end: at + 1, faults, ...(verbatim ? { verbatimFrom: start + 1 } : {}) };
}

interface Piece {
  readonly text: string;
  readonly end: number;
  readonly fault?: Fault;
}

/** One letter, one escape or one whole `${…}`; `undefined` when a `${` is never closed. */
function readPiece(source: string, at: number): Piece | undefined {
  if (source[at] === "\\") return readEscape(source, at);
  if (!source.startsWith("${", at)) return { text: source[at] ?? "", end: at + 1 };
  const end = endOfInterpolation(source, at);
  return end === undefined ? undefined : { text: source.slice(at, end), end };
}

function unterminated(source: string, start: number, at: number): Fault {
  const end = source[at - 1] === "\r" ? at - 1 : at;
  return { start, end, message: "this text has no end", expected: 'a closing " before the end of the line' };
}

function openInterpolation(source: string, at: number, faults: readonly Fault[]): ReadText {
  const feed = source.indexOf("\n", at);
  const fault = { start: at, end: at + 2, message: 'this "${" is never closed', expected: 'a "}" that closes it' };
  return { text: "", end: feed === -1 ? source.length : feed, faults: [...faults, fault] };
}

/** Where the `${…}` that begins at `start` ends, braces counted; `undefined` when it is never closed. */
export function endOfInterpolation(source: string, start: number): number | undefined {
  let open = 0;
  for (let at = start + 1; at < source.length; at++) {
    if (source[at] === "{") open += 1;
    if (source[at] === "}") open -= 1;
    if (open === 0) return at + 1;
  }
  return undefined;
}

function readEscape(source: string, at: number): Piece {
  const simple = simpleEscapes[source[at + 1] ?? ""];
  if (simple !== undefined) return { text: simple, end: at + 2 };
  numericEscape.lastIndex = at;
  const match = numericEscape.exec(source);
  const code = match ? Number.parseInt(match[1] ?? match[2] ?? match[3] ?? "", 16) : Number.NaN;
  const point = match?.[4] === undefined ? code : Number.parseInt(match[4], 8);
  const isCharacter = point > 0 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff);
  if (match && isCharacter) return { text: String.fromCodePoint(point), end: at + match[0].length };
  const end = match ? at + match[0].length : Math.min(at + 1, source.length);
  const message = match ? `${match[0]} is not a character that a text may hold` : "unknown escape in a text";
  const expected = '\\n, \\t, \\", \\\\ or the like; a backslash itself is written \\\\';
  return { text: "", end, fault: { start: at, end: Math.max(end, at + 1), message, expected } };
}

const heredocHead = /<<(-?)([\p{L}_][\p{L}\p{Nd}_.-]*)[ \t]*\r?\n/uy;

/**
 * Reads `<<EOF` or `<<-EOF` at `start`. Nothing inside is an escape. The closing word may be indented; with `<<-` its
 * indentation is taken off every line, when every line has it (HCL 1's rule).
 */
export function readHeredoc(source: string, start: number): ReadText {
  heredocHead.lastIndex = start;
  const head = heredocHead.exec(source);
  if (!head) {
    const fault = {
      start,
      end: start + 2,
      message: "this is no heredoc",
      expected: "<<WORD or <<-WORD and a line break",
    };
    return { text: "", end: start + 2, faults: [fault] };
  }
  const from = start + head[0].length;
  const word = head[2] ?? "";
  for (let at = from; at <= source.length; ) {
    const feed = source.indexOf("\n", at);
    const end = feed === -1 ? source.length : feed;
    const line = source.slice(at, end);
    if (line.trim() === word)
      return heredocText(source.slice(from, at), line, { from, end, unindent: head[1] === "-" });
    if (feed === -1) break;
    at = feed + 1;
  }
  const fault = {
    start,
    end: start + head[0].trimEnd().length,
    message: "this heredoc has no end",
    expected: `a line with nothing but ${word}`,
  };
  return { text: "", end: source.length, faults: [fault] };
}

function heredocText(
  raw: string,
  closing: string,
  { from, end, unindent }: { from: number; end: number; unindent: boolean },
): ReadText {
  const indent = unindent ? (/^[ \t]*/.exec(closing)?.[0] ?? "") : "";
  const lines = raw.replaceAll("\r\n", "\n").split("\n");
  const everyLine = lines.every((line) => line === "" || line.startsWith(indent));
  const text = lines.map((line) => (everyLine && line !== "" ? line.slice(indent.length) : line)).join("\n");
  // The line break after the closing word stays in the file for whoever asks whether a token is the first of its line.
  const closed = closing.endsWith("\r") ? end - 1 : end;
  return { text, end: closed, faults: [], ...(text === raw ? { verbatimFrom: from } : {}) };
}
