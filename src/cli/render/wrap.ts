import { textWidth } from "../../domain/text-width.ts";

const narrowest = 30;

/** Breaks a text at its spaces into lines of at most so many columns; a longer word stays whole. */
export function wrapText(text: string, columns: number): readonly string[] {
  const room = Math.max(narrowest, Math.min(columns, 100));
  const lines: string[] = [];
  for (const paragraph of text.split("\n")) {
    let line = "";
    for (const word of paragraph.split(" ")) {
      const longer = line === "" ? word : `${line} ${word}`;
      if (line !== "" && textWidth(longer) > room) {
        lines.push(line);
        line = word;
      } else line = longer;
    }
    lines.push(line);
  }
  return lines;
}

const unbroken = "\u00a0";

/** The same; a quoted command stands in one line, where it can be taken from. */
export function wrapAroundCommands(text: string, columns: number): readonly string[] {
  const whole = text.replace(/"dropship [^"]*"/g, (command) => command.replaceAll(" ", unbroken));
  return wrapText(whole, columns).map((line) => line.replaceAll(unbroken, " "));
}
