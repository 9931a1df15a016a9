/** The first of many names, and how many more there are: "web-1, web-2 and 1,998 more". `count`: of all, if not all are named. */
export function someNames(names: readonly string[], shown = 3, count = names.length): string {
  const said = names.slice(0, shown);
  const more = count - said.length;
  if (more <= 0) return joined(said);
  return said.length === 0 ? counted(more, "host") : `${said.join(", ")} and ${formatCount(more)} more`;
}

function joined(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? "nobody") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}

/** "1,960" */
export function formatCount(count: number): string {
  return String(count).replace(/\B(?=(?:\d{3})+$)/g, ",");
}

/** "1 host", "2,000 hosts". */
export function counted(count: number, word: string): string {
  return `${formatCount(count)} ${word}${count === 1 ? "" : "s"}`;
}
