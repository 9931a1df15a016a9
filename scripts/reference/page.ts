/** A generated page: its path from the root of the project, and its text. */
export interface Page {
  readonly path: string;
  readonly text: string;
}

/** A reference page with the note that nobody should edit it. */
export function page(name: string, title: string, ...blocks: readonly string[]): Page {
  const note = "<!-- Written by `npm run docs` from the code; edit that instead. -->";
  return { path: `docs/reference/${name}.md`, text: `${[`# ${title}`, note, ...blocks].join("\n\n")}\n` };
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map(cell).join(" | ")} |`;
  return [line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line)].join("\n");
}

function cell(text: string): string {
  const parts = text.replaceAll("|", "\\|").replaceAll("\n", " ").split("`");
  return parts.map((part, number) => (number % 2 === 0 ? plain(part) : part)).join("`");
}

/** Text outside of code: angle brackets would be taken for HTML. */
export function plain(text: string): string {
  return text.replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

export function code(text: string): string {
  return text === "" ? "" : `\`${text}\``;
}
