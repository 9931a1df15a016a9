import { clipText, printable, textWidth } from "../../domain/text-width.ts";
import type { Screen, Style } from "../screen.ts";

export interface Cell {
  readonly text: string;
  readonly style?: Style;
}

export interface Column {
  readonly title: string;
  /** May be clipped when the terminal is too narrow. */
  readonly flexible?: boolean;
  readonly right?: boolean;
}

const gap = 2;
const narrowest = 6;

/** Aligned columns that fit the terminal; an empty column is left out. No line ends in a space. */
export function renderTable(
  columns: readonly Column[],
  rows: readonly (readonly Cell[])[],
  { paint, columns: room }: Pick<Screen, "paint" | "columns">,
): string {
  const shown = columns.map((_, at) => at).filter((at) => rows.some((row) => (row[at]?.text ?? "") !== ""));
  const clean = rows.map((row) => row.map(({ text, ...cell }) => ({ ...cell, text: printable(text) })));
  const widths = fit(
    shown.map((at) =>
      Math.max(textWidth(columns[at]?.title ?? ""), ...clean.map((row) => textWidth(row[at]?.text ?? ""))),
    ),
    shown.map((at) => columns[at]?.flexible === true),
    room,
  );
  const line = (cells: readonly Cell[]) =>
    shown
      .map((at, index) => {
        const { text = "", style } = cells[at] ?? {};
        const clipped = clipText(text, widths[index] ?? 0);
        const space = " ".repeat(Math.max(0, (widths[index] ?? 0) - textWidth(clipped)));
        const painted = style === undefined || clipped === "" ? clipped : paint(style, clipped);
        if (columns[at]?.right) return space + painted;
        return index === shown.length - 1 ? painted : painted + space;
      })
      .join(" ".repeat(gap))
      .trimEnd();
  const head = line(columns.map(({ title }) => ({ text: title, style: "dim" })));
  return [head, ...clean.map(line)].join("\n");
}

/** Takes columns away from the widest flexible one until all fit. */
function fit(natural: readonly number[], flexible: readonly boolean[], room: number): readonly number[] {
  const widths = [...natural];
  let surplus = widths.reduce((sum, width) => sum + width, 0) + gap * (widths.length - 1) - room;
  while (surplus > 0) {
    const candidates = widths.map((width, at) => (flexible[at] && width > narrowest ? width : 0));
    const widest = Math.max(...candidates);
    if (widest <= 0) break;
    widths[candidates.indexOf(widest)] = widest - 1;
    surplus -= 1;
  }
  return widths;
}
