import type { NextStep } from "../../domain/rollout/outlook.ts";
import { printable } from "../../domain/text-width.ts";
import type { Screen } from "../screen.ts";
import { wrapText } from "./wrap.ts";

/** What comes next; what needs a person is marked, and says what to do. */
export function renderNextSteps(
  steps: readonly NextStep[],
  screen: Pick<Screen, "paint" | "columns">,
): readonly string[] {
  const { paint } = screen;
  return steps.flatMap(({ sentence, remedy }) => {
    if (remedy === undefined) return behind("next: ", paint("cyan", "next: "), sentence, screen);
    return [
      ...behind("! ", paint("red", "! "), sentence, screen),
      ...behind("  next: ", `  ${paint("cyan", "next: ")}`, remedy, screen),
    ];
  });
}

/** A text behind a mark, its lines below one another. */
function behind(plain: string, mark: string, text: string, { columns }: Pick<Screen, "columns">): readonly string[] {
  const lines = wrapText(withWholeCommands(printable(text)), columns - plain.length);
  return lines.map((line, at) => (at === 0 ? mark : " ".repeat(plain.length)) + line.replaceAll(unbroken, " "));
}

const unbroken = "\u00a0";

/** What a person is to type stands in one line, where it can be taken from. */
function withWholeCommands(text: string): string {
  return text.replace(/"dropship [^"]*"/g, (command) => command.replaceAll(" ", unbroken));
}
