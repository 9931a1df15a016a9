import type { DriverBlock } from "../domain/service.ts";
import type { DecodeContext } from "./decode-context.ts";
import { type Block, decodeOptions, whereIs } from "./decode-options.ts";
import { type ChosenBlock, chosenBlocks } from "./driver-blocks.ts";
import type { Families } from "./families.ts";
import { placeOf, type Span } from "./hcl/source.ts";
import type { Item } from "./hcl/syntax-tree.ts";

/** The lock of the main file. */
export interface Lock {
  readonly span: Span;
  /** `undefined`: it had errors, which were reported. */
  readonly declaration: DriverBlock | undefined;
}

/** The one lock that a main file may have; every service that is coordinated meets the others there. */
export function decodeLock(context: DecodeContext, families: Families, items: readonly Item[]): Lock | undefined {
  const { source, reporter } = context;
  const [first, second] = items.flatMap((item) => chosenBlocks(item, source, reporter));
  if (first === undefined) {
    const [item] = items;
    return item && { span: item.keys[0].span, declaration: undefined };
  }
  if (second !== undefined) {
    const also = { message: "the first is here", place: placeOf(source, first.word.span.start) };
    const expected = "one lock: a fleet that met in two places would not be one";
    reporter.error(source, second.word.span, { message: "there are two locks", expected, also });
  }
  return { span: first.word.span, declaration: decodeChosen(context, families, first) };
}

function decodeChosen(
  context: DecodeContext,
  families: Families,
  { word, object }: ChosenBlock,
): DriverBlock | undefined {
  const { source, reporter } = context;
  const definition = families.stores.find(word.name);
  if (definition === undefined) {
    reporter.error(source, word.span, { message: families.stores.unknown(word.name) });
    return undefined;
  }
  const block: Block = { title: `lock "${word.name}"`, items: object.items, span: word.span };
  const { values, spans, sound } = decodeOptions(context, block, definition.options);
  const ttl = spans.get("ttl");
  if (ttl) {
    const message =
      "ttl has no effect: a slot no longer expires, so that a slow host and its successor are never both down";
    reporter.warn(source, ttl, { message, remedy: "Remove the line." });
  }
  return sound ? { driver: word.name, options: values, where: whereIs(source, word.span) } : undefined;
}
