import type { Values } from "../domain/options.ts";
import type { RepositoryDeclaration } from "../domain/service.ts";
import type { DecodeContext } from "./decode-context.ts";
import { decodeLock } from "./decode-lock.ts";
import { type Block, decodeOptions, whereIs } from "./decode-options.ts";
import { decodeRolloutBlock, type Fleet } from "./decode-rollout.ts";
import { decodeTrustBlock, type TrustBlock } from "./decode-trust.ts";
import { chosenBlocks } from "./driver-blocks.ts";
import { exampleBlock } from "./example-block.ts";
import type { Families } from "./families.ts";
import { placeOf, type Span } from "./hcl/source.ts";
import type { Body, Item, Key } from "./hcl/syntax-tree.ts";
import { mainBlocks, mainOptions } from "./schemas.ts";

export interface DecodedMain {
  readonly servicePath: string | undefined;
  readonly statePath: string;
  /** This host's name, where it is said and sound. */
  readonly host: string | undefined;
  readonly fleet: Fleet;
  /** Null after something in it was refused. */
  readonly trust: TrustBlock | undefined | null;
  readonly repository: (word: Key, context: DecodeContext) => RepositoryDeclaration | undefined;
}

interface RepositoryEntry {
  readonly word: Key;
  /** `undefined`: it had errors, which were reported. */
  readonly declaration: RepositoryDeclaration | undefined;
}

/** Decodes all of the main file but its services. */
export function decodeMain(context: DecodeContext, families: Families, body: Body): DecodedMain {
  const block: Block = { title: "the main file", items: body.items, span: { start: 0, end: 0 } };
  const { values, spans } = decodeOptions(context, block, mainOptions, { blocks: mainBlocks });
  const { service_path, state_path, host } = values as Values<typeof mainOptions>;
  const entries = decodeRepositories(context, families, body.items);
  const lock = decodeLock(context, families, named(body.items, "lock"));
  const rollout = decodeRolloutBlock(context, body.items);
  const trust = decodeTrustBlock(context, body.items);
  if (host !== undefined) checkHost(context, host, spans.get("host") ?? block.span);
  return {
    servicePath: service_path,
    statePath: state_path,
    host,
    fleet: { lock, ...(rollout && { rollout }) },
    trust,
    repository: (word, where) => findRepository({ entries, families, partial: context.partial }, word, where),
  };
}

/** The longest name that a key may carry, encoded, whatever the store. */
const longestHost = 253;

/** The host's name becomes a part of keys and paths. */
function checkHost({ source, reporter }: DecodeContext, host: string, span: Span): void {
  if (/^[^/\p{C}]+$/u.test(host) && !/^\.{0,2}$/.test(host.trim()) && encodeURIComponent(host).length <= longestHost)
    return;
  reporter.error(source, span, {
    message: `"${host}" cannot be this host's name in its fleet`,
    expected: `a name such as "web-1": not empty, no "/", no control characters, at most ${longestHost} characters (as in a web address)`,
  });
}

function named(items: readonly Item[], name: string): readonly Item[] {
  return items.filter(({ keys: [key] }) => key.name.toLowerCase() === name);
}

function decodeRepositories(
  context: DecodeContext,
  families: Families,
  items: readonly Item[],
): ReadonlyMap<string, RepositoryEntry> {
  const { source, reporter } = context;
  const entries = new Map<string, RepositoryEntry>();
  const chosen = items.flatMap((item) => {
    const [key] = item.keys;
    if (key.name.toLowerCase() === "repo") return chosenBlocks(item, source, reporter);
    if (key.name.toLowerCase() !== "rackspace") return [];
    reporter.warn(source, key.span, {
      message: '"rackspace" at the top level is deprecated',
      expected: 'repo "rackspace" { … }',
    });
    if (item.value.kind === "object" && item.keys.length === 1) return [{ word: key, object: item.value }];
    reporter.error(source, key.span, {
      message: '"rackspace" is a block without a label',
      expected: "rackspace { … }",
    });
    return [];
  });
  for (const { word, object } of chosen) {
    const first = entries.get(word.name);
    if (first !== undefined) {
      const place = placeOf(source, first.word.span.start);
      reporter.error(source, word.span, {
        message: `there are two repo blocks for "${word.name}"`,
        also: { message: "the first is here", place },
      });
      continue;
    }
    entries.set(word.name, { word, declaration: decodeRepository(context, families, word, object.items) });
  }
  return entries;
}

function decodeRepository(
  context: DecodeContext,
  families: Families,
  word: Key,
  items: readonly Item[],
): RepositoryDeclaration | undefined {
  const definition = families.repositories.find(word.name);
  if (definition === undefined) {
    context.reporter.error(context.source, word.span, { message: families.repositories.unknown(word.name) });
    return undefined;
  }
  const block: Block = { title: `repo "${word.name}"`, items, span: word.span };
  const { values, sound } = decodeOptions(context, block, definition.options);
  return sound ? { driver: word.name, options: values, where: whereIs(context.source, word.span) } : undefined;
}

function findRepository(
  main: {
    readonly entries: ReadonlyMap<string, RepositoryEntry>;
    readonly families: Families;
    readonly partial: boolean;
  },
  word: Key,
  context: DecodeContext,
): RepositoryDeclaration | undefined {
  const entry = main.entries.get(word.name);
  const options = main.families.repositories.find(word.name)?.options;
  if (entry !== undefined || options === undefined) return entry?.declaration;
  const required = Object.entries(options).filter(([, option]) => option.required);
  if (required.length === 0) {
    const values = Object.fromEntries(Object.entries(options).map(([name, option]) => [name, option.default]));
    return { driver: word.name, options: values, where: whereIs(context.source, word.span) };
  }
  if (main.partial) return undefined;
  context.reporter.error(context.source, word.span, {
    message: `there is no repo "${word.name}"`,
    remedy: `Add to the main file:\n\n${exampleBlock(`repo`, word.name, Object.fromEntries(required))}`,
  });
  return undefined;
}
