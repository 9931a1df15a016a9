import type { Schema } from "../domain/options.ts";
import { print } from "./hcl/printer.ts";
import type { Item, Key } from "./hcl/syntax-tree.ts";

const nowhere = { start: 0, end: 0 };

/** A block with a setting of every option, as it could stand in a file. */
export function exampleBlock(kind: string, word: string, schema: Schema): string {
  const key = (name: string): Key => ({ name, span: nowhere });
  const items = Object.entries(schema).map(([name, option]): Item => {
    const example = option.example?.replace(/^"(.*)"$/, "$1") ?? `<${name}>`;
    return { keys: [key(name)], value: { kind: "text", text: example, span: nowhere } };
  });
  return print({ items: [{ keys: [key(kind), key(word)], value: { kind: "object", items, span: nowhere } }] });
}
