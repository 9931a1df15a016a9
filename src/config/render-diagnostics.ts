import { styleText } from "node:util";
import { printable } from "../domain/text-width.ts";
import type { Diagnostic } from "./diagnostic.ts";
import { formatPlace, type Place } from "./hcl/source.ts";

type Style = Parameters<typeof styleText>[0];

/** What was found in a configuration, as a compiler would show it. Empty when there is nothing to say. */
export function renderDiagnostics(
  diagnostics: readonly Diagnostic[],
  { colour }: { readonly colour: boolean },
): string {
  const paint = (style: Style, text: string) => (colour ? styleText(style, text, { validateStream: false }) : text);
  return diagnostics.map((one) => `${render(one, paint).join("\n")}\n`).join("\n");
}

function render(diagnostic: Diagnostic, paint: (style: Style, text: string) => string): readonly string[] {
  const { severity, message, place, expected, remedy, excerpt, also } = diagnostic;
  const tone = severity === "error" ? "red" : "yellow";
  const lines = [`${paint("bold", shownPlace(place))}: ${paint(["bold", tone], severity)}: ${printable(message)}`];
  if (excerpt) {
    const number = String(place.line);
    const gutter = " ".repeat(number.length);
    const carets = `${" ".repeat(excerpt.from)}${"^".repeat(excerpt.width)}`;
    lines.push(
      `  ${paint("dim", `${number} |`)} ${excerpt.line}`,
      `  ${paint("dim", `${gutter} |`)} ${paint(tone, carets)}`,
    );
  }
  if (expected !== undefined) lines.push(`  expected: ${printable(expected)}`);
  if (also) lines.push(`  ${shownPlace(also.place)}: ${printable(also.message)}`);
  if (remedy !== undefined)
    lines.push(
      ...remedy
        .trimEnd()
        .split("\n")
        .map((line) => (line === "" ? "" : `  ${printable(line)}`)),
    );
  return lines;
}

/** Files and folders as a whole have no line. */
function shownPlace(place: Place): string {
  return place.line === 0 ? place.file : formatPlace(place);
}
