const wide =
  /^(?:[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]|\p{Emoji_Presentation})/u;
const without = /^[\p{Mn}\p{Me}\u200b-\u200f]/u;

/** How many columns of a terminal one character takes: none, one or two. */
function columnsOf(character: string): number {
  if (without.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** How many columns of a terminal a text takes. */
export function textWidth(text: string): number {
  let columns = 0;
  for (const character of text) columns += columnsOf(character);
  return columns;
}

/** As much of a text as fits, with "…" in place of what was cut off. */
export function clipText(text: string, columns: number): string {
  if (textWidth(text) <= columns) return text;
  let clipped = "";
  let used = 0;
  for (const character of text) {
    used += columnsOf(character);
    if (used > columns - 1) break;
    clipped += character;
  }
  return `${clipped}…`;
}

/** The text without what would drive a terminal; tabs become two spaces. */
export function printable(text: string): string {
  return text.replaceAll("\t", "  ").replace(/[\p{Cc}\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu, "\ufffd");
}
