import { endOfInterpolation } from "./strings.ts";
import type { Body, Item, Value } from "./syntax-tree.ts";

/** Writes a tree as HCL 1, two spaces a level. Reading it back gives the same tree, places aside. */
export function print(body: Body): string {
  return body.items.map((item) => printItem(item, "")).join("");
}

function printItem({ keys, value }: Item, indent: string): string {
  const [first, ...labels] = keys;
  const head = [printKey(first.name), ...labels.map(({ name }) => printText(name))].join(" ");
  if (value.kind !== "object") return `${indent}${head} = ${printValue(value, indent)}\n`;
  return `${indent}${head} ${printValue(value, indent)}\n`;
}

function printKey(name: string): string {
  return /^[\p{L}_][\p{L}\p{Nd}_.-]*$/u.test(name) ? name : printText(name);
}

function printValue(value: Value, indent: string): string {
  switch (value.kind) {
    case "text":
      return printText(value.text);
    case "number":
      return value.literal;
    case "flag":
      return String(value.flag);
    case "call":
      return `${value.name}(${printText(value.argument)})`;
    case "list":
      return `[${value.values.map((item) => printValue(item, indent)).join(", ")}]`;
    case "object": {
      if (value.items.length === 0) return "{ }";
      return `{\n${value.items.map((item) => printItem(item, `${indent}  `)).join("")}${indent}}`;
    }
  }
}

const escapes: Readonly<Record<string, string>> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", '"': '\\"', "\\": "\\\\" };

/** Nothing inside a closed `${…}` is escaped, as nothing there is unescaped; a "${" left open has its "$" written \x24. */
function printText(text: string): string {
  let printed = "";
  for (let at = 0; at < text.length; ) {
    const end = text.startsWith("${", at) ? endOfInterpolation(text, at) : undefined;
    if (end !== undefined) {
      printed += text.slice(at, end);
      at = end;
    } else {
      printed += text.startsWith("${", at) ? "\\x24" : printLetter(text[at] ?? "");
      at += 1;
    }
  }
  return `"${printed}"`;
}

function printLetter(letter: string): string {
  const control = letter.charCodeAt(0) < 0x20 ? `\\x${letter.charCodeAt(0).toString(16).padStart(2, "0")}` : letter;
  return escapes[letter] ?? control;
}
