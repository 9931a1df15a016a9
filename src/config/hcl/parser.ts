import { didYouMean } from "../../domain/did-you-mean.ts";
import { type Token, type TokenKind, tokenize } from "./lexer.ts";
import type { Source } from "./source.ts";
import type { Fault } from "./strings.ts";
import {
  type Body,
  type CallName,
  callNames,
  type Item,
  type Key,
  type ObjectValue,
  type Value,
} from "./syntax-tree.ts";

/** Deeper than any configuration goes; keeps a hostile file from using up the stack. */
const deepest = 64;
/** More errors than this in one file help nobody. */
const mostFaults = 50;

/** Thrown inside the parser only: the item cannot be read; parsing goes on behind it. */
class Unreadable extends Error {}

interface Reader {
  readonly tokens: readonly Token[];
  at: number;
  depth: number;
  /** One "never closed" is enough: what is around it is open for the same reason. */
  open: boolean;
  readonly report: (fault: Fault) => void;
}

/** Reads an HCL 1 file. Whatever the bytes, it returns what could be read and reports each fault where it stands. */
export function parse(source: Source, report: (fault: Fault) => void): Body {
  let faults = 0;
  const bounded = (fault: Fault) => {
    faults += 1;
    if (faults <= mostFaults) report(fault);
  };
  const reader: Reader = { tokens: tokenize(source, bounded), at: 0, depth: 0, open: false, report: bounded };
  const items = readItems(reader);
  while (peek(reader).kind === "}") {
    complain(reader, peek(reader), 'this "}" closes nothing', "a setting or a block");
    reader.at += 1;
    items.push(...readItems(reader));
  }
  return { items };
}

function readItems(reader: Reader): Item[] {
  const items: Item[] = [];
  while (peek(reader).kind !== "end" && peek(reader).kind !== "}") {
    const before = reader.at;
    try {
      items.push(readItem(reader));
      if (peek(reader).kind === ",") reader.at += 1;
    } catch (thrown) {
      if (!(thrown instanceof Unreadable)) throw thrown;
      skipToNextItem(reader, before);
    }
  }
  return items;
}

/** Goes on at the next line that could begin an item, stepping over whole blocks that were opened in between. */
function skipToNextItem(reader: Reader, before: number): void {
  if (reader.at === before) reader.at += 1;
  let open = 0;
  while (peek(reader).kind !== "end") {
    const { kind, first } = peek(reader);
    if (open === 0 && (kind === "}" || (first && (kind === "name" || kind === "text")))) return;
    if (kind === "{" || kind === "[") open += 1;
    if ((kind === "}" || kind === "]") && open > 0) open -= 1;
    reader.at += 1;
  }
}

function readItem(reader: Reader): Item {
  const keys = readKeys(reader);
  const next = peek(reader);
  const [first, label] = keys;
  if (next.kind === "=") {
    if (label !== undefined) {
      fail(reader, next, `unexpected "=" after a label`, `"{" after ${first.name} "${label.name}"`);
    }
    reader.at += 1;
    return { keys, value: readAssigned(reader, next) };
  }
  if (next.kind === "{") return { keys, value: readObject(reader) };
  const last = keys[keys.length - 1] ?? first;
  const at = { start: last.span.end, end: last.span.end + 1 };
  const expected = label === undefined ? '"=" and a value, or "{"' : `"{", or "=" behind ${first.name}`;
  return fail(reader, at, `${quoted(last)} is followed by ${described(next)}`, expected);
}

/** A name on the line below `key =` begins the next item: the value was forgotten. */
function readAssigned(reader: Reader, equals: Token): Value {
  const token = peek(reader);
  const begins = reader.tokens[reader.at + 1]?.kind;
  const forgotten = token.first && token.kind === "name" && (begins === "=" || begins === "{" || begins === "text");
  if (forgotten || token.kind === "}") fail(reader, equals, 'nothing follows this "="', "a value");
  return readValue(reader);
}

function quoted(key: Key): string {
  return `"${key.name}"`;
}

/** One or more keys; a name on a new line belongs to the next item. */
function readKeys(reader: Reader): [Key, ...Key[]] {
  const keys: Key[] = [];
  while (peek(reader).kind === "name" || peek(reader).kind === "text") {
    const token = peek(reader);
    if (keys.length > 0 && token.first) break;
    keys.push({ name: token.text, span: { start: token.start, end: token.end } });
    reader.at += 1;
  }
  const [first, ...rest] = keys;
  if (first === undefined) {
    return fail(reader, peek(reader), `unexpected ${described(peek(reader))}`, "the name of a setting or a block");
  }
  return [first, ...rest];
}

function readValue(reader: Reader): Value {
  const token = peek(reader);
  const span = { start: token.start, end: token.end };
  switch (token.kind) {
    case "text": {
      reader.at += 1;
      const from = token.verbatimFrom;
      return { kind: "text", text: token.text, span, ...(from === undefined ? {} : { verbatimFrom: from }) };
    }
    case "number":
      reader.at += 1;
      return { kind: "number", number: numberOf(token.text), literal: token.text, span };
    case "{":
      return readObject(reader);
    case "[":
      return readList(reader);
    case "name":
      return readWord(reader, token);
    default:
      return fail(reader, token, `unexpected ${described(token)}`, "a value");
  }
}

/** HCL 1 knows decimal, hexadecimal (0x1F) and octal (0644) numbers. */
function numberOf(literal: string): number {
  const negative = literal.startsWith("-");
  const digits = negative ? literal.slice(1) : literal;
  const octal = /^0[0-7]+$/.test(digits);
  const value = octal ? Number.parseInt(digits, 8) : Number(digits);
  return negative ? -value : value;
}

function readWord(reader: Reader, token: Token): Value {
  const span = { start: token.start, end: token.end };
  if (token.text === "true" || token.text === "false") {
    reader.at += 1;
    return { kind: "flag", flag: token.text === "true", span };
  }
  const next = reader.tokens[reader.at + 1];
  if (next?.kind === "(") return readCall(reader, token);
  return fail(reader, token, `"${token.text}" is not a value`, `texts in double quotes: "${token.text}"`);
}

function readCall(reader: Reader, word: Token): Value {
  if (!(callNames as readonly string[]).includes(word.text)) {
    const hint = didYouMean(word.text, callNames);
    fail(reader, word, `unknown function "${word.text}"${hint}`, 'env("NAME") or file("path")');
  }
  reader.at += 2;
  const argument = take(reader, "text", `a text such as ${word.text === "env" ? '"NAME"' : '"/path"'}`);
  const close = take(reader, ")", '")"');
  return {
    kind: "call",
    name: word.text as CallName,
    argument: argument.text,
    span: { start: word.start, end: close.end },
  };
}

function readObject(reader: Reader): ObjectValue {
  const open = peek(reader);
  return nested(reader, open, () => {
    reader.at += 1;
    const items = readItems(reader);
    const close = peek(reader);
    if (close.kind === "}") reader.at += 1;
    else neverClosed(reader, open, "}");
    return { kind: "object", items, span: { start: open.start, end: close.end } };
  });
}

function readList(reader: Reader): Value {
  const open = peek(reader);
  return nested(reader, open, () => {
    reader.at += 1;
    const values: Value[] = [];
    while (peek(reader).kind !== "]" && peek(reader).kind !== "end") {
      values.push(readValue(reader));
      const next = peek(reader);
      if (next.kind === ",") reader.at += 1;
      else if (next.kind !== "]" && next.kind !== "end") {
        fail(reader, next, `unexpected ${described(next)} in a list`, '"," or "]"');
      }
    }
    const close = peek(reader);
    if (close.kind === "]") reader.at += 1;
    else neverClosed(reader, open, "]");
    return { kind: "list", values, span: { start: open.start, end: close.end } };
  });
}

function neverClosed(reader: Reader, open: Token, brace: string): void {
  if (!reader.open) complain(reader, open, `this "${open.text}" is never closed`, `a "${brace}" that closes it`);
  reader.open = true;
}

function nested<Read>(reader: Reader, open: Token, read: () => Read): Read {
  if (reader.depth >= deepest) {
    reader.at = reader.tokens.length - 1;
    reader.open = true;
    fail(reader, open, `blocks are nested more than ${deepest} deep`, "a flatter configuration");
  }
  reader.depth += 1;
  try {
    return read();
  } finally {
    reader.depth -= 1;
  }
}

function take(reader: Reader, kind: TokenKind, expected: string): Token {
  const token = peek(reader);
  if (token.kind !== kind) fail(reader, token, `unexpected ${described(token)}`, expected);
  reader.at += 1;
  return token;
}

function peek(reader: Reader): Token {
  const last = reader.tokens[reader.tokens.length - 1];
  return reader.tokens[reader.at] ?? (last as Token);
}

function described(token: Token): string {
  if (token.kind === "end") return "the end of the file";
  if (token.kind === "text") return "a text";
  if (token.kind === "number") return `the number ${token.text}`;
  return `"${token.text}"`;
}

function complain(reader: Reader, at: { start: number; end: number }, message: string, expected: string): void {
  reader.report({ start: at.start, end: at.end, message, expected });
}

function fail(reader: Reader, at: { start: number; end: number }, message: string, expected: string): never {
  complain(reader, at, message, expected);
  throw new Unreadable(message);
}
