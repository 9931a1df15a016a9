import { printable } from "../../domain/text-width.ts";
import type { Screen, Style } from "../screen.ts";
import { wrapText } from "./wrap.ts";

/** One line of a list of facts, or a few where the value is long. */
export interface Fact {
  /** Empty: it belongs to the one above. */
  readonly name: string;
  readonly value: string;
  readonly style?: Style;
}

const indent = 2;

/** How many columns the values of a list have. */
export function factRoom(width: number, columns: number): number {
  return Math.min(columns, 110) - indent - width;
}

/** Names on the left, values behind them; what has no value is left out. */
export function renderFacts(
  facts: readonly Fact[],
  width: number,
  { paint, columns }: Pick<Screen, "paint" | "columns">,
): readonly string[] {
  return facts
    .filter(({ value }) => value !== "")
    .flatMap(({ name, value, style }) =>
      wrapText(printable(value), columns - indent - width).map((line, at) => {
        const head = paint("dim", (at === 0 ? name : "").padEnd(width));
        return `${" ".repeat(indent)}${head}${style === undefined ? line : paint(style, line)}`;
      }),
    );
}
