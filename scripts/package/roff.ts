/**
 * The reference pages as manual pages, in the macros of man(7): what the pages of docs/reference use of Markdown, and no more.
 * `#` headings are left to the caller.
 */
export function roffOf(markdown: string): string {
  const blocks = markdown
    .replaceAll(/<!--[\s\S]*?-->/g, "")
    .split(/\n{2,}/)
    .map((block) => block.trim())
    .filter((block) => block !== "" && !block.startsWith("# "));
  return blocks.map(roffBlock).join("\n");
}

/** The head of a manual page. `date`: YYYY-MM-DD. */
export function roffHead(name: string, section: number, date: string, version: string): string {
  return `.TH ${name.toUpperCase()} ${section} ${date} "Dropship ${version}" "Dropship"\n.nh\n.ad l`;
}

function roffBlock(block: string): string {
  const [, marks, title] = /^(#{2,}) (.*)$/.exec(block) ?? [];
  if (marks !== undefined && title !== undefined)
    return marks.length === 2 ? `.SH ${argument(title.toUpperCase())}` : `.SS ${argument(title)}`;
  if (block.startsWith("|")) return block.split("\n").slice(2).map(row).join("\n");
  if (block.startsWith("- "))
    return block
      .split("\n")
      .map((line) => `.IP \\(bu 2\n${inline(line.slice(2))}`)
      .join("\n");
  return `.PP\n${block.split("\n").map(inline).join("\n.br\n")}`;
}

/** The first cell is the term; the others, as far as they say something, are told below it. */
function row(line: string): string {
  const cells = line
    .replace(/^\||\|$/g, "")
    .split(/(?<!\\)\|/)
    .map((cell) => cell.trim().replaceAll("\\|", "|"));
  const [term = "", ...rest] = cells;
  const told = rest.filter((cell) => cell !== "");
  const facts = told.slice(0, -1).join(", ");
  return [".TP", inline(term), ...(facts === "" ? [] : [`(${inline(facts)})`]), inline(told.at(-1) ?? "")].join("\n");
}

function inline(text: string): string {
  const marked = text
    .replaceAll(/\[([^\]]+)\]\(([^)]+)\)/g, (_all, words: string, target: string) =>
      target.startsWith("http") ? `${words} (${target})` : words,
    )
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">");
  return marked
    .split("`")
    .map((part, at) => (at % 2 === 1 ? `\\fB${escaped(part)}\\fR` : emphasised(part)))
    .join("")
    .replace(/^(?=[.'])/, "\\&");
}

function emphasised(text: string): string {
  return escaped(text)
    .replaceAll(/\*\*([^*]+)\*\*/g, "\\fB$1\\fR")
    .replaceAll(/(?<![*\w])\*([^*]+)\*(?![*\w])/g, "\\fI$1\\fR");
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replaceAll("…", "...");
}

function argument(text: string): string {
  return `"${escaped(text.replaceAll("`", "")).replaceAll('"', "\\(dq")}"`;
}
