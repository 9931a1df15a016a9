import type { NextStep } from "../../domain/rollout/outlook.ts";
import { printable } from "../../domain/text-width.ts";
import type { Screen } from "../screen.ts";
import { wrapAroundCommands } from "./wrap.ts";

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
  const lines = wrapAroundCommands(printable(text), columns - plain.length);
  return lines.map((line, at) => (at === 0 ? mark : " ".repeat(plain.length)) + line);
}
