import { formatCount } from "../../domain/rollout/some-names.ts";
import { printable, textWidth } from "../../domain/text-width.ts";

/** As many names as fit into so many columns, and how many more there are. `count`: of all, if not all are named. */
export function namesWithin(names: readonly string[], room: number, count = names.length): string {
  const clean = names.map(printable);
  let said = "";
  let shown = 0;
  for (const name of clean) {
    const longer = said === "" ? name : `${said}, ${name}`;
    if (shown > 0 && textWidth(`${longer}${behind(count - shown - 1)}`) > room) break;
    said = longer;
    shown += 1;
  }
  return `${said}${behind(count - shown, said === "")}`;
}

function behind(more: number, alone = false): string {
  if (more <= 0) return "";
  return alone ? formatCount(more) : ` and ${formatCount(more)} more`;
}
