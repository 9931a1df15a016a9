/**
 * Reads a JSON document that another host wrote, or anybody: every value is judged before it is believed. What is not as it
 * must be throws a `Misfit`, which says where; only those who know whose document it is see it, and make a failure of it.
 */
export class Misfit extends Error {}

/** One value, and how a person would call its place: "slots.web-1.state". */
export interface Part {
  readonly value: unknown;
  readonly at: string;
}

export type Fields = Readonly<Record<string, unknown>>;

/** Unknown values may not be nested deeper than this: writing them again takes a stack. */
const deepest = 32;

/** The JSON object in these bytes. */
export function documentIn(bytes: Uint8Array, limit: number): Part & { readonly value: Fields } {
  if (bytes.length > limit) throw new Misfit(`it has ${bytes.length} bytes, more than the ${limit} allowed`);
  const value = jsonIn(bytes);
  if (!nestsWithin(value, deepest)) throw new Misfit(`it is nested more than ${deepest} levels deep`);
  return { value: fieldsOf({ value, at: "" }), at: "" };
}

function jsonIn(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch (cause) {
    const problem = cause instanceof SyntaxError ? "it is not JSON" : "it is not UTF-8";
    throw new Misfit(problem, { cause });
  }
}

function nestsWithin(value: unknown, left: number): boolean {
  if (typeof value !== "object" || value === null) return true;
  return left > 0 && Object.values(value).every((inner) => nestsWithin(inner, left - 1));
}

/** A version of the form: newer ones are told apart, so that the remedy can be "upgrade". */
export function requireForm(part: Part, known: number): void {
  if (Number.isSafeInteger(part.value) && (part.value as number) > known) {
    throw new Misfit(`a newer version of Dropship wrote it (form ${part.value}; this one knows ${known})`);
  }
  if (part.value !== known) throw misfit(part, `${known}`);
}

export function field(object: Part, name: string): Part {
  const fields = fieldsOf(object);
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  return { value, at: object.at === "" ? name : `${object.at}.${name}` };
}

export function fieldsOf(part: Part): Fields {
  if (typeof part.value === "object" && part.value !== null && !Array.isArray(part.value)) return part.value as Fields;
  throw misfit(part, "an object");
}

export function text(part: Part): string {
  if (typeof part.value === "string") return part.value;
  throw misfit(part, "a text");
}

export function digest(part: Part): string {
  if (typeof part.value === "string" && /^[0-9a-f]{64}$/.test(part.value)) return part.value;
  throw misfit(part, "64 lower-case hexadecimal digits");
}

export function whole(part: Part, least = 0, most: number = Number.MAX_SAFE_INTEGER): number {
  const { value } = part;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= least && value <= most) return value;
  const to = most === Number.MAX_SAFE_INTEGER ? "" : ` to ${most}`;
  throw misfit(part, `a whole number from ${least}${to}`);
}

/** A duration, or a moment since 1970; both in milliseconds. */
export function milliseconds(part: Part): number {
  if (typeof part.value === "number" && Number.isFinite(part.value)) return part.value;
  throw misfit(part, "milliseconds");
}

export function flag(part: Part): boolean {
  if (typeof part.value === "boolean") return part.value;
  throw misfit(part, "true or false");
}

export function word<const Word extends string>(part: Part, words: readonly Word[]): Word {
  const found = words.find((one) => one === part.value);
  if (found !== undefined) return found;
  throw misfit(part, words.join(", "));
}

export function list<Item>(part: Part, read: (item: Part) => Item): readonly Item[] {
  if (!Array.isArray(part.value)) throw misfit(part, "a list");
  return part.value.map((value: unknown, place) => read({ value, at: `${part.at}[${place}]` }));
}

/** Every host once. */
export function hostNames(part: Part): readonly string[] {
  const names = list(part, text);
  if (new Set(names).size === names.length) return names;
  throw misfit(part, "each host once");
}

/** A field that may be missing, ready to be spread into what it belongs to. */
export function maybe<Name extends string, Value>(
  object: Part,
  name: Name,
  read: (part: Part) => Value,
): { readonly [_ in Name]?: Value } {
  const part = field(object, name);
  if (part.value === undefined) return {};
  return { [name]: read(part) } as { readonly [_ in Name]: Value };
}

export function isTrue(part: Part): true {
  if (part.value === true) return true;
  throw misfit(part, "true, where it is there at all");
}

export function misfit({ value, at }: Part, expected: string): Misfit {
  const found = JSON.stringify(value) ?? "nothing";
  const short = found.length > 60 ? `${found.slice(0, 60)}…` : found;
  return new Misfit(`${at === "" ? "the document" : at} is ${short}, not ${expected}`);
}

/** The bytes of a document: fields in the order of their names, so that equal documents have equal bytes. */
export function bytesOf(document: object): Uint8Array {
  return new TextEncoder().encode(JSON.stringify(sorted(document)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const fields = Object.entries(value).sort(([one], [other]) => (one < other ? -1 : 1));
  // Not by assignment: a host may be called "__proto__".
  return Object.fromEntries(fields.map(([name, inner]) => [name, sorted(inner)]));
}
