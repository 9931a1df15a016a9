import { formatDuration, type Milliseconds, parseDuration } from "./duration.ts";
import { parseSize } from "./size.ts";

/**
 * What a block of the configuration may hold. One schema serves the decoder, the TypeScript types, `dropship explain`,
 * the reference pages and did-you-mean, so that an option is described exactly once, beside the code that uses it.
 */

/** A value as it stands in a configuration file, before anybody has judged it. */
export type RawValue = string | number | boolean | readonly RawValue[] | { readonly [key: string]: RawValue };

/** Either the value, or one clause for a person: what was expected instead. */
export type Decoded<Value> = { readonly value: Value } | { readonly expected: string };

/** What the reference says of an option, whatever its type. */
export interface OptionNotes<Value> {
  readonly summary: string;
  readonly required?: boolean;
  readonly default?: Value;
  /** Never shown: not in `explain`, not in a log, not in an error. */
  readonly secret?: boolean;
  /** Accepted with a warning; the text says what to write instead. */
  readonly deprecated?: string;
  /** May hold `{{.Field}}`; checked when the configuration is loaded. */
  readonly template?: boolean;
  /** Other spellings that mean the same. */
  readonly aliases?: readonly string[];
  readonly example?: string;
}

export interface Option<Value> extends OptionNotes<Value> {
  /** What the reference calls the type: "text", "duration", … */
  readonly type: string;
  readonly decode: (raw: RawValue) => Decoded<Value>;
}

// biome-ignore lint/suspicious/noExplicitAny: a schema mixes options of every type; each keeps its own.
export type Schema = Readonly<Record<string, Option<any>>>;

/** The values that a schema yields: required and defaulted options are there, all others may be `undefined`. */
export type Values<Of extends Schema> = {
  readonly [Name in keyof Of]: Of[Name] extends Option<infer Value> ? Value : never;
};

type Given<Value> =
  | (OptionNotes<Value> & { readonly required: true })
  | (OptionNotes<Value> & { readonly default: Value });

/** A constructor of options of one type: required or defaulted gives `Option<Value>`, else `Option<Value | undefined>`. */
interface OptionOf<Value> {
  (notes: Given<Value>): Option<Value>;
  (notes: OptionNotes<Value>): Option<Value | undefined>;
}

function optionOf<Value>(type: string, decode: (raw: RawValue) => Decoded<Value>): OptionOf<Value> {
  return ((notes: OptionNotes<Value>) => ({ ...notes, type, decode })) as OptionOf<Value>;
}

/** Any text. */
export const text = optionOf<string>("text", (raw) =>
  typeof raw === "string" ? { value: raw } : { expected: "a text in double quotes" },
);

/** Text with at least one character. */
export const name = optionOf<string>("text", (raw) =>
  typeof raw === "string" && raw.trim() !== "" ? { value: raw } : { expected: "a text that is not empty" },
);

/** `true` or `false`; the texts "true" and "false" too, as HCL 1 decoders always allowed. */
export const flag = optionOf<boolean>("flag", (raw) => {
  if (raw === true || raw === "true") return { value: true };
  if (raw === false || raw === "false") return { value: false };
  return { expected: "true or false" };
});

/** A duration in milliseconds. */
export const duration = optionOf<number>("duration", (raw) => {
  const value = typeof raw === "string" ? parseDuration(raw) : undefined;
  return value === undefined ? { expected: 'a duration such as "10s", "1m30s" or "1.5h"' } : { value };
});

/** A duration that is at least so long: what is waited for again and again must not be nothing. */
export function durationFrom(lowest: Milliseconds): OptionOf<Milliseconds> {
  return optionOf<Milliseconds>("duration", (raw) => {
    const value = typeof raw === "string" ? parseDuration(raw) : undefined;
    const good = value !== undefined && value >= lowest;
    return good ? { value } : { expected: `a duration of at least ${formatDuration(lowest)} such as "10s" or "1m30s"` };
  });
}

/** A size in bytes. */
export const size = optionOf<number>("size", (raw) => {
  const value = typeof raw === "number" || typeof raw === "string" ? parseSize(String(raw)) : undefined;
  return value === undefined ? { expected: 'a size such as "64KiB" or "2GB"' } : { value };
});

/** A whole number from `lowest` to `highest`. */
export function count(lowest: number, highest: number): OptionOf<number> {
  return optionOf<number>("number", (raw) => {
    const value = typeof raw === "string" && /^\d+$/.test(raw) ? Number(raw) : raw;
    const good = typeof value === "number" && Number.isInteger(value) && value >= lowest && value <= highest;
    return good ? { value } : { expected: `a whole number from ${lowest} to ${highest}` };
  });
}

/** One of a few words. */
export function choice<const Word extends string>(words: readonly Word[]): OptionOf<Word> {
  return optionOf<Word>(words.map((word) => `"${word}"`).join(" or "), (raw) =>
    (words as readonly RawValue[]).includes(raw)
      ? { value: raw as Word }
      : { expected: words.map((word) => `"${word}"`).join(" or ") },
  );
}

/** An absolute http or https address without credentials in it. */
export const url = optionOf<string>("address", (raw) => {
  const expected = 'an address such as "https://store.example.com"';
  if (typeof raw !== "string" || !/^https?:\/\/[^\s/?#]+/i.test(raw)) return { expected };
  if (/^[a-z]+:\/\/[^/?#]*@/i.test(raw))
    return { expected: `${expected}, with user and password in options of their own` };
  return { value: raw };
});

/** A file mode as four octal digits, such as "0644". */
export const mode = optionOf<number>("mode", (raw) =>
  typeof raw === "string" && /^0?[0-7]{3}$/.test(raw)
    ? { value: Number.parseInt(raw, 8) }
    : { expected: 'a file mode such as "0644" (no setuid, setgid or sticky bit)' },
);

/** A list of texts; one text alone counts as a list of one. */
export const texts = optionOf<readonly string[]>("list of texts", (raw) => {
  if (typeof raw === "string") return { value: [raw] };
  if (Array.isArray(raw) && raw.every((item) => typeof item === "string")) return { value: raw as string[] };
  return { expected: 'a list of texts such as ["a", "b"]' };
});

/** A map from names to texts. */
export const table = optionOf<Readonly<Record<string, string>>>("map of texts", (raw) => {
  if (typeof raw !== "object" || Array.isArray(raw)) return { expected: 'a map such as { NAME = "value" }' };
  const entries = Object.entries(raw);
  if (!entries.every(([, item]) => typeof item === "string")) return { expected: 'a map such as { NAME = "value" }' };
  return { value: Object.fromEntries(entries) as Record<string, string> };
});
