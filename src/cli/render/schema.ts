import { formatDuration } from "../../domain/duration.ts";
import type { Option, Schema } from "../../domain/options.ts";
import { formatSize } from "../../domain/size.ts";
import type { Screen } from "../screen.ts";
import { wrapText } from "./wrap.ts";

type Look = Pick<Screen, "paint" | "columns">;

/** The settings of a block, one below the other: name, type, what must be and what is otherwise, and what it is for. */
export function renderSchema(schema: Schema, { paint, columns }: Look): readonly string[] {
  const names = Object.keys(schema);
  if (names.length === 0) return ["  (no settings)"];
  const width = Math.min(24, Math.max(...names.map((name) => name.length)) + 2);
  return Object.entries(schema).flatMap(([name, option]) => {
    const summary =
      option.deprecated === undefined ? option.summary : `${option.summary} Deprecated: ${option.deprecated}.`;
    const lines = wrapText(summary, Math.min(columns, 100) - width - 2);
    const head = `  ${paint("bold", name)}${" ".repeat(Math.max(2, width - name.length))}${paint("dim", traitsOf(option))}`;
    return [head, ...lines.map((line) => `  ${" ".repeat(width)}${line}`)];
  });
}

/** `duration, required, template, default 30s, also written updateTTL, e.g. "5m"`. */
function traitsOf(option: Option<unknown>): string {
  const { type, required, secret, template, aliases, example } = option;
  return [
    type,
    required ? "required" : "",
    secret ? "secret" : "",
    template ? "template" : "",
    option.default === undefined ? "" : `default ${shownDefault(option)}`,
    aliases === undefined || aliases.length === 0 ? "" : `also written ${aliases.join(", ")}`,
    example === undefined ? "" : `e.g. ${/^["[{\d]|^(?:true|false)$/.test(example) ? example : `"${example}"`}`,
  ]
    .filter((trait) => trait !== "")
    .join(", ");
}

function shownDefault({ type, default: value }: Option<unknown>): string {
  if (typeof value === "number" && type === "duration") return formatDuration(value);
  if (typeof value === "number" && type === "size") return formatSize(value);
  if (typeof value === "number" && type === "mode") return `0${value.toString(8)}`;
  if (type === "number or share") return String((value as { readonly count: number }).count);
  return typeof value === "string" ? `"${value}"` : JSON.stringify(value);
}

/** The same for a program. */
export function plainSchema(schema: Schema) {
  return Object.entries(schema).map(([name, { decode: _decode, ...notes }]) => ({ name, ...notes }));
}
