import { didYouMean, nearest } from "../domain/did-you-mean.ts";
import type { Decoded, Option, RawValue, Schema } from "../domain/options.ts";
import { parseTemplate } from "../domain/template.ts";
import type { DecodeContext } from "./decode-context.ts";
import type { Reporter } from "./diagnostic.ts";
import { formatPlace, placeOf, type Source, type Span } from "./hcl/source.ts";
import type { Item, Key, Value } from "./hcl/syntax-tree.ts";
import { resolveValue } from "./resolve-value.ts";

/** One block of the tree, its labels taken off. */
export interface Block {
  /** For messages: `service "web"`. */
  readonly title: string;
  readonly items: readonly Item[];
  /** The word that begins the block. */
  readonly span: Span;
}

export interface DecodedOptions {
  readonly values: Readonly<Record<string, unknown>>;
  /** Where the value of each setting that was given stands. */
  readonly spans: ReadonlyMap<string, Span>;
  /** False when something was wrong: the values are then not to be used. */
  readonly sound: boolean;
}

export interface DecodeRules {
  /** Blocks that may stand between the settings; somebody else decodes them. */
  readonly blocks?: readonly string[];
  /** What `.Artifact` has in a template. */
  readonly artifactKeys?: readonly string[];
}

interface Work extends DecodeContext {
  readonly block: Block;
  readonly schema: Schema;
  readonly rules: DecodeRules;
  readonly values: Record<string, unknown>;
  readonly keys: Map<string, Key>;
  readonly spans: Map<string, Span>;
  sound: boolean;
}

/** Decodes the settings of a block against a schema; everything that is wrong is reported, each where it stands. */
export function decodeOptions(
  context: DecodeContext,
  block: Block,
  schema: Schema,
  rules: DecodeRules = {},
): DecodedOptions {
  const work: Work = { ...context, block, schema, rules, values: {}, keys: new Map(), spans: new Map(), sound: true };
  for (const item of block.items) decodeItem(work, item);
  for (const [name, option] of Object.entries(schema)) {
    if (work.keys.has(name)) continue;
    if (option.required) lacks(work, name, option);
    work.values[name] = option.default;
  }
  return { values: work.values, spans: work.spans, sound: work.sound };
}

function lacks(work: Work, name: string, option: Option<unknown>): void {
  const { title, span } = work.block;
  if (work.partial) work.sound = false;
  else complain(work, span, { message: `${title} lacks "${name}"`, expected: example(name, option) });
}

function example(name: string, option: Option<unknown>): string {
  const value = option.example ?? "…";
  return `${name} = ${/^["[{\d]|^(?:true|false)$/.test(value) ? value : `"${value}"`} (${option.summary.replace(/\.$/, "")})`;
}

function complain(work: Work, span: Span, complaint: Parameters<Reporter["error"]>[2]): void {
  work.sound = false;
  work.reporter.error(work.source, span, complaint);
}

function decodeItem(work: Work, item: Item): void {
  const [key, label] = item.keys;
  const word = canonical(key.name, work.schema, work.rules.blocks ?? []);
  if (word === undefined) unknownName(work, item);
  const option = word === undefined ? undefined : work.schema[word];
  if (word === undefined || option === undefined) return;
  const secret = option.secret === true;
  if (label !== undefined) {
    complain(work, label.span, {
      message: `"${key.name}" is a setting, not a block`,
      expected: `${key.name} = …`,
      secret,
    });
    return;
  }
  const first = work.keys.get(word);
  if (first !== undefined) {
    const place = placeOf(work.source, first.span.start);
    complain(work, key.span, {
      message: `"${key.name}" is set twice in ${work.block.title}`,
      also: { message: "first set here", place },
    });
    return;
  }
  work.keys.set(word, key);
  work.spans.set(word, item.value.span);
  if (option.deprecated !== undefined) {
    work.reporter.warn(work.source, key.span, { message: `"${key.name}" is deprecated`, expected: option.deprecated });
  }
  decodeValue(work, word, option, item.value);
}

/** The name as the schema spells it: HCL 1 never told upper from lower case. */
function canonical(name: string, schema: Schema, blocks: readonly string[]): string | undefined {
  if (Object.hasOwn(schema, name) || blocks.includes(name)) return name;
  const lower = name.toLowerCase();
  for (const [word, option] of Object.entries(schema)) {
    if ([word, ...(option.aliases ?? [])].some((known) => known.toLowerCase() === lower)) return word;
  }
  return blocks.find((known) => known.toLowerCase() === lower);
}

function unknownName(work: Work, { keys: [key], value }: Item): void {
  const settings = Object.entries(work.schema).flatMap(([name, option]) => [name, ...(option.aliases ?? [])]);
  const known = [...settings, ...(work.rules.blocks ?? [])];
  const kind = value.kind === "object" ? "block" : "setting";
  const hint = didYouMean(key.name, known);
  const listed = Object.keys(work.schema).concat(work.rules.blocks ?? []);
  complain(work, key.span, {
    message: `${work.block.title} has no ${kind} "${key.name}"${hint}`,
    expected: hint !== "" ? undefined : listed.length === 0 ? "an empty block" : `one of ${listed.join(", ")}`,
    hideFrom: mayBeSecret(work.schema, nearest(key.name, known)) ? contentOf(key, value) : undefined,
  });
}

/** Where begins what a reader of the line should not see of an item: its value, or what is in its block. */
export function contentOf(key: Key, value: Value): number | undefined {
  if (value.kind !== "object") return key.span.end;
  return value.items.length === 0 ? undefined : value.span.start + 1;
}

/** Whether an unknown setting may be a mistyped secret, going by the known name that is nearest to it. */
function mayBeSecret(schema: Schema, meant: string | undefined): boolean {
  const option = Object.entries(schema).find(([name, { aliases }]) => name === meant || aliases?.includes(meant ?? ""));
  return option === undefined || option[1].secret === true;
}

function decodeValue(work: Work, name: string, option: Option<unknown>, value: Value): void {
  const resolved = resolveValue(work, value);
  if (resolved === undefined) {
    work.sound = false;
    return;
  }
  if (option.secret) keepSecret(work.secrets, resolved.raw);
  const decoded = decodeEither(option, resolved.raw, value);
  if ("expected" in decoded) {
    const secret = option.secret === true || resolved.secret;
    complain(work, value.span, {
      message: `"${name}" has a value of the wrong kind`,
      expected: decoded.expected,
      secret,
    });
    return;
  }
  work.values[name] = decoded.value;
  if (option.template) checkTemplates(work, value);
}

function keepSecret(secrets: Set<string>, raw: RawValue): void {
  if (typeof raw === "string") secrets.add(raw);
  else if (typeof raw === "object") for (const item of Object.values(raw)) keepSecret(secrets, item);
}

/** A number is also the text that it was written as: `mode = 0644`, `tags = 5`. */
function decodeEither(option: Option<unknown>, raw: RawValue, value: Value): Decoded<unknown> {
  const decoded = option.decode(raw);
  if ("value" in decoded || value.kind !== "number") return decoded;
  const written = option.decode(value.literal);
  return "value" in written ? written : decoded;
}

/** Every text in the value must be a template that can be filled in. */
function checkTemplates(work: Work, value: Value): void {
  if (value.kind === "list") for (const item of value.values) checkTemplates(work, item);
  if (value.kind === "object") for (const item of value.items) checkTemplates(work, item.value);
  if (value.kind !== "text") return;
  const parsed = parseTemplate(value.text, work.rules.artifactKeys);
  if ("template" in parsed) return;
  const { at, length, message } = parsed.fault;
  const from = value.verbatimFrom;
  const span = from === undefined ? value.span : { start: from + at, end: from + at + length };
  complain(work, span, { message: `in a template: ${message}` });
}

/** `file:line:column` of a block, for messages at run time. */
export function whereIs(source: Source, span: Span): string {
  return formatPlace(placeOf(source, span.start));
}
