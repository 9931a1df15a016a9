import type { Source, Span } from "./source.ts";
import { type Fault, readHeredoc, readQuoted } from "./strings.ts";

export type TokenKind = "name" | "text" | "number" | "{" | "}" | "[" | "]" | "(" | ")" | "," | "=" | "end";

export interface Token extends Span {
  readonly kind: TokenKind;
  /** What a text means, or how a name or number is written. */
  readonly text: string;
  readonly verbatimFrom?: number;
  /** Nothing but space stands before it on its line. */
  readonly first: boolean;
}

const space = /(?:[ \t\r\n\f\v]+|#[^\n]*|\/\/[^\n]*)+/y;
const name = /[\p{L}_][\p{L}\p{Nd}_.-]*/uy;
const number = /-?(?:0[xX][0-9a-fA-F]+|(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+-]?\d+)?)/y;
const numberTail = /[\p{L}\p{Nd}_.µμ]+/uy;
const punctuation = "{}[](),=";

/** Splits a file into tokens; what is no token is reported and skipped. The last token is always "end". */
export function tokenize(source: Source, report: (fault: Fault) => void): readonly Token[] {
  const tokens: Token[] = [];
  const { text } = source;
  let at = 0;
  while (true) {
    const from = at;
    at = skipSpace(text, from, report);
    if (at >= text.length) break;
    const first = tokens.length === 0 || text.slice(from, at).includes("\n");
    const token = readToken(text, at, first, report);
    if (token.kind !== undefined) tokens.push(token as Token);
    at = token.end;
  }
  tokens.push({ kind: "end", text: "", start: text.length, end: text.length, first: true });
  return tokens;
}

function skipSpace(text: string, from: number, report: (fault: Fault) => void): number {
  let at = from;
  while (at < text.length) {
    space.lastIndex = at;
    const found = space.exec(text);
    if (found) at += found[0].length;
    else if (text.startsWith("/*", at)) {
      const close = text.indexOf("*/", at + 2);
      if (close === -1) {
        report({ start: at, end: at + 2, message: "this comment has no end", expected: "*/" });
        return text.length;
      }
      at = close + 2;
    } else break;
  }
  return at;
}

type Read = Omit<Token, "kind"> & { readonly kind: TokenKind | undefined };

function readToken(text: string, at: number, first: boolean, report: (fault: Fault) => void): Read {
  const letter = text[at] ?? "";
  if (letter === '"' || text.startsWith("<<", at)) {
    const { faults, ...read } = letter === '"' ? readQuoted(text, at) : readHeredoc(text, at);
    for (const fault of faults) report(fault);
    return { kind: "text", start: at, first, ...read };
  }
  if (punctuation.includes(letter)) return { kind: letter as TokenKind, text: letter, start: at, end: at + 1, first };
  const word = matchAt(name, text, at);
  if (word !== undefined) return { kind: "name", text: word, start: at, end: at + word.length, first };
  const digits = matchAt(number, text, at);
  if (digits !== undefined) return readNumber(text, at, digits, first, report);
  return readUnknown(text, at, first, report);
}

function readNumber(text: string, at: number, digits: string, first: boolean, report: (fault: Fault) => void): Read {
  const tail = matchAt(numberTail, text, at + digits.length) ?? "";
  const end = at + digits.length + tail.length;
  if (tail !== "") {
    const message = `${digits}${tail} is not a number`;
    report({ start: at, end, message, expected: `durations, sizes and versions in double quotes: "${digits}${tail}"` });
  } else if (/^-?0\d*[89]/.test(digits) && !/[.eE]/.test(digits)) {
    report({
      start: at,
      end,
      message: `${digits} is not an octal number`,
      expected: "digits 0 to 7 after a leading 0",
    });
  }
  return { kind: "number", text: digits, start: at, end, first };
}

/** One report for a run of letters that begin nothing; a text between the wrong quotes is still taken as a text. */
function readUnknown(text: string, at: number, first: boolean, report: (fault: Fault) => void): Read {
  const wrong = matchAt(wrongQuotes, text, at);
  if (wrong !== undefined) {
    const meant = wrong.slice(1, -1);
    report({
      start: at,
      end: at + wrong.length,
      message: "a text stands in the wrong quotes",
      expected: 'double quotes: "…"',
    });
    return { kind: "text", text: meant, start: at, end: at + wrong.length, first };
  }
  const letters = matchAt(unknownRun, text, at) ?? text[at] ?? "";
  report({ start: at, end: at + letters.length, message: `unexpected ${shown(letters)}` });
  return { kind: undefined, text: letters, start: at, end: at + letters.length, first };
}

const wrongQuotes = /'[^'\n]*'|`[^`\n]*`|[\u201c\u201d][^\u201c\u201d"\n]*[\u201c\u201d]/uy;
const unknownRun = /[^\s"'`{}[\](),=#\p{L}\p{Nd}_/<.-]+/uy;

function shown(letters: string): string {
  const [letter = ""] = letters;
  const point = letter.codePointAt(0) ?? 0;
  const printable = point > 0x20 && point !== 0x7f && !/\p{C}|\p{Z}/u.test(letter);
  return printable ? `"${letter}"` : `character U+${point.toString(16).toUpperCase().padStart(4, "0")}`;
}

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}
