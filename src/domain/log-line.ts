import type { Milliseconds } from "./duration.ts";
import { withoutSecrets } from "./secrets.ts";

/** How a line of the log is written. */
export type LogStyle =
  /** One JSON object. */
  | "json"
  /** For people: time, level, sentence, fields. */
  | "text"
  /** For journald, which adds time and process itself: the priority in front (sd-daemon(3)), then sentence and fields. */
  | "journal";

export interface LogEntry {
  /** Milliseconds since 1970. */
  readonly at: Milliseconds;
  readonly level: "debug" | "info" | "warn" | "error";
  readonly event: string;
  readonly fields: Readonly<Record<string, string | number | boolean | undefined>>;
}

/** Of one value; a stack trace fits, a body that somebody put into a message does not. */
const longestValue = 4096;

const priorities = { debug: 7, info: 6, warn: 4, error: 3 } as const;
const colours = { debug: "\u001b[2m", info: "", warn: "\u001b[33m", error: "\u001b[31m" } as const;
const dim = "\u001b[2m";
const plain = "\u001b[0m";

/** Names of fields that are never written out, whatever somebody puts into them. */
const secretName = /authorization|cookie|credential|passw|private|secret|token|access_?key|api_?key|^key$/i;

/** Writes an entry as one line without its end. `secrets` are replaced wherever they stand. */
export function logLine(entry: LogEntry, style: LogStyle, colour: boolean, secrets: Iterable<string> = []): string {
  const known = [...secrets];
  const fields = Object.entries(entry.fields)
    .filter((pair): pair is [string, string | number | boolean] => pair[1] !== undefined && pair[1] !== "")
    .map(([name, value]) => [name, redacted(name, value, known)] as const);
  const event = withoutSecrets(entry.event, known);
  if (style === "json") return jsonLine(entry, event, fields);
  const words = fields.map(([name, value]) => [escaped(name), word(value)] as const);
  if (style === "journal") {
    return `<${priorities[entry.level]}>${escaped(event)}${words.map(([name, value]) => ` ${name}=${value}`).join("")}`;
  }
  const time = new Date(entry.at).toISOString();
  const paint = (code: string, text: string) => (colour && code !== "" ? `${code}${text}${plain}` : text);
  const told = words.map(([name, value]) => ` ${paint(dim, `${name}=`)}${value}`).join("");
  const level = paint(colours[entry.level], entry.level.padEnd(5));
  return `${paint(dim, time)} ${level} ${paint(colours[entry.level], escaped(event))}${told}`;
}

type Field = readonly [string, string | number | boolean];

function jsonLine({ at, level }: LogEntry, event: string, fields: readonly Field[]): string {
  const own = { time: new Date(at).toISOString(), level, event };
  const others = fields.map(([name, value]) => [name in own ? `${name}_` : name, value]);
  // JSON escapes what is below a blank; the others that move a cursor or end a line are escaped here.
  return escapedAbove(JSON.stringify({ ...own, ...Object.fromEntries(others) }));
}

function redacted(name: string, value: string | number | boolean, secrets: readonly string[]) {
  if (secretName.test(name)) return "[redacted]";
  if (typeof value !== "string") return value;
  const clean = withoutSecrets(value, secrets);
  return clean.length <= longestValue ? clean : `${clean.slice(0, longestValue)}…`;
}

function word(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  return /^[\p{L}\p{Nd}\p{Pc}./:@+-]+$/u.test(value) ? value : escapedAbove(JSON.stringify(value));
}

/** No line end, no control sequence, no mark that turns the direction of writing: a line stays one line and what it says. */
function escaped(text: string): string {
  return escapedAbove(JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"'));
}

function escapedAbove(text: string): string {
  return text.replace(
    /[\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}
