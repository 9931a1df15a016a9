import type { Finding } from "../../agent/doctor/finding.ts";
import { printable } from "../../domain/text-width.ts";
import type { Screen, Style } from "../screen.ts";
import { wrapText } from "./wrap.ts";

type Look = Pick<Screen, "paint" | "columns">;

const marks = {
  ok: { text: "ok     ", style: "green" },
  warning: { text: "warning", style: "yellow" },
  failed: { text: "failed ", style: "red" },
} as const satisfies Record<Finding["result"], { readonly text: string; readonly style: Style }>;

/** Under the sentence, behind the mark. */
const indent = "         ";

/** One finding: its mark, what it is about, what was seen and what to do. */
export function renderFinding({ check, service, result, sentence, remedy, parts = [] }: Finding, look: Look): string {
  const { text, style } = marks[result];
  const about = printable(service === undefined ? check : `${service}: ${check}`);
  const lines = (content: string) => wrapText(printable(content), look.columns - indent.length);
  const missed = parts.filter(({ passed }) => !passed).map((part) => `- ${part.check}: ${part.observed}`);
  const below = [...lines(sentence), ...missed.flatMap(lines), ...(remedy === undefined ? [] : lines(`→ ${remedy}`))];
  return [`${look.paint(style, text)}  ${look.paint("bold", about)}`, ...below.map((line) => `${indent}${line}`)].join(
    "\n",
  );
}

/** `11 checks: 9 ok, 1 warning, 1 failed`. */
export function countFindings(findings: readonly Finding[]): string {
  const count = (result: Finding["result"]) => findings.filter((finding) => finding.result === result).length;
  const warnings = count("warning");
  const counted = [
    `${count("ok")} ok`,
    `${warnings} ${warnings === 1 ? "warning" : "warnings"}`,
    `${count("failed")} failed`,
  ];
  return `${findings.length} checks: ${counted.join(", ")}`;
}
