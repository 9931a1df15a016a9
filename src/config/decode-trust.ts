import { Failure } from "../domain/failures/failure.ts";
import type { Values } from "../domain/options.ts";
import { type PublicKey, parsePublicKey, trustedKeys } from "../domain/publishing/public-key.ts";
import { type Trust, usualMaxJump } from "../domain/publishing/trust.ts";
import type { DecodeContext } from "./decode-context.ts";
import { type Block, type DecodedOptions, decodeOptions } from "./decode-options.ts";
import { placeOf, type Source, type Span } from "./hcl/source.ts";
import type { Item, Value } from "./hcl/syntax-tree.ts";
import { trustOptions } from "./schemas.ts";

/** One sound trust block: what was given in it, and nothing else, so that another can stand behind it. */
export interface TrustBlock {
  /** Undefined: none was named here. */
  readonly keys: readonly PublicKey[] | undefined;
  readonly given: Omit<Partial<Trust>, "keys">;
  readonly source: Source;
  readonly span: Span;
}

/** The trust block among the items, if there is one; null after something in it was refused. */
export function decodeTrustBlock(context: DecodeContext, items: readonly Item[]): TrustBlock | undefined | null {
  const { source, reporter } = context;
  const [first, second] = items.filter(({ keys: [key] }) => key.name.toLowerCase() === "trust");
  if (first === undefined) return undefined;
  const [key, label] = first.keys;
  if (second !== undefined) {
    const also = { message: "the first is here", place: placeOf(source, key.span.start) };
    reporter.error(source, second.keys[0].span, { message: "there are two trust blocks", also });
    return null;
  }
  if (label !== undefined || first.value.kind !== "object") {
    const message = label === undefined ? "trust is a block, not a setting" : "a trust block has no name";
    reporter.error(source, label?.span ?? first.value.span, { message, expected: "trust { … }" });
    return null;
  }
  const block: Block = { title: "trust", items: first.value.items, span: key.span };
  const decoded = decodeOptions(context, block, trustOptions);
  if (!decoded.sound) return null;
  const keys = keysIn(context, block, decoded);
  return keys === null ? null : { keys, given: givenIn(decoded), source, span: key.span };
}

function givenIn({ values, spans }: DecodedOptions): TrustBlock["given"] {
  const names = ["minSequence", "maxAge", "maxJump"] as const;
  return Object.fromEntries(names.filter((name) => spans.has(name)).map((name) => [name, values[name]]));
}

/** The keys that are named; undefined: none is; null after one was refused: a trust block never means "anything goes". */
function keysIn(
  context: DecodeContext,
  block: Block,
  { values, spans }: DecodedOptions,
): readonly PublicKey[] | undefined | null {
  const { key, keys } = values as Values<typeof trustOptions>;
  const span = spans.get("keys") ?? spans.get("key");
  if (span === undefined) return undefined;
  const texts = [...(key === undefined ? [] : [key]), ...(keys ?? [])];
  const sound = texts.map((text, place) =>
    judge(context, spanOf(block, place) ?? span, () => parsePublicKey(text), text),
  );
  if (sound.includes(null)) return null;
  return judge(context, span, () => trustedKeys(texts));
}

/** What is longer may be a private key. */
const longestWord = 24;

/** What `read` gives; null after its failure was reported. `text`: what somebody may have taken from the wrong file. */
function judge<Result>(
  { source, reporter, secrets }: DecodeContext,
  span: Span,
  read: () => Result,
  text?: string,
): Result | null {
  try {
    return read();
  } catch (thrown) {
    if (!(thrown instanceof Failure)) throw thrown;
    if (text !== undefined && text.length > longestWord) secrets.add(text);
    const message = `${thrown.message.slice(0, 1).toLowerCase()}${thrown.message.slice(1).replace(/\.$/, "")}`;
    reporter.error(source, span, { message, remedy: thrown.remedy, secret: true });
    return null;
  }
}

/** Where the key at this place stands, that of `key` first. */
function spanOf({ items }: Block, place: number): Span | undefined {
  const given = (name: string) => items.find(({ keys: [key] }) => key.name.toLowerCase() === name)?.value;
  const listed = (value: Value | undefined): readonly Value[] =>
    value === undefined ? [] : value.kind === "list" ? value.values : [value];
  return [...listed(given("key")), ...listed(given("keys"))][place]?.span;
}

/** What is trusted in a service: its own block, setting by setting, and behind it that of the main file. */
export function trustFrom(
  { reporter }: DecodeContext,
  mine: TrustBlock | undefined,
  behind: TrustBlock | undefined,
): Trust | undefined | null {
  const block = mine ?? behind;
  if (block === undefined) return undefined;
  const keys = mine?.keys ?? behind?.keys;
  if (keys !== undefined) return { keys, maxJump: usualMaxJump, ...behind?.given, ...mine?.given };
  reporter.error(block.source, block.span, {
    message: "there is a trust block without a single key: nothing could ever be accepted",
    expected: 'key = "RW…"',
    remedy: "Name at least one key, or take the trust block out to accept unsigned documents.",
  });
  return null;
}
