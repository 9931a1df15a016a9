import type { Reporter } from "./diagnostic.ts";
import type { Source, Span } from "./hcl/source.ts";
import type { Item, Key, ObjectValue, Value } from "./hcl/syntax-tree.ts";

/** A block that chooses a driver by a word: `before "script" { … }`. */
export interface ChosenBlock {
  readonly word: Key;
  readonly object: ObjectValue;
}

/**
 * The drivers that one item chooses, in the order they stand in. All of HCL 1's spellings are one:
 * `before "script" { … }`, `before { script { … } }`, `before = [{ script { … } }]`.
 */
export function chosenBlocks(item: Item, source: Source, reporter: Reporter): readonly ChosenBlock[] {
  const [kind, word, surplus] = item.keys;
  const example = `${kind.name} "…" { … }`;
  const refuse = (span: Span, message: string): readonly ChosenBlock[] => {
    reporter.error(source, span, { message, expected: example });
    return [];
  };
  if (surplus !== undefined) return refuse(surplus.span, `${kind.name} "${word?.name}" has one label too many`);
  if (word === undefined) return insideOf(item.value, kind, refuse);
  if (item.value.kind !== "object") return refuse(item.value.span, `${kind.name} is a block, not a setting`);
  return [{ word, object: item.value }];
}

function insideOf(
  value: Value,
  kind: Key,
  refuse: (span: Span, message: string) => readonly ChosenBlock[],
): readonly ChosenBlock[] {
  if (value.kind === "list") return value.values.flatMap((item) => insideOf(item, kind, refuse));
  if (value.kind !== "object") return refuse(value.span, `${kind.name} is a block, not a setting`);
  if (value.items.length === 0) return refuse(kind.span, `${kind.name} does not say which`);
  return value.items.flatMap((item) => {
    const [word, surplus] = item.keys;
    if (surplus !== undefined) return refuse(surplus.span, `${word.name} has one label too many`);
    if (item.value.kind !== "object")
      return refuse(word.span, `${kind.name} does not say which: "${word.name}" is a setting`);
    return [{ word, object: item.value }];
  });
}
