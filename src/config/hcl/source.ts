/** A part of a file: offsets into its text, the end not included. */
export interface Span {
  readonly start: number;
  readonly end: number;
}

/** The text of one configuration file. */
export interface Source {
  readonly file: string;
  readonly text: string;
  /** The offset at which each line begins. */
  readonly lineStarts: readonly number[];
}

export function sourceOf(file: string, text: string): Source {
  const lineStarts = [0];
  for (let feed = text.indexOf("\n"); feed !== -1; feed = text.indexOf("\n", feed + 1)) lineStarts.push(feed + 1);
  return { file, text, lineStarts };
}

/** Where something stands, for a person: line and column count from 1, columns in characters. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** The line that holds an offset: where it begins and ends, without its line break, and its number from 1. */
export function lineAround({ text, lineStarts }: Source, offset: number): Span & { readonly number: number } {
  let low = 0;
  let high = lineStarts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((lineStarts[middle] ?? 0) <= offset) low = middle;
    else high = middle;
  }
  const start = lineStarts[low] ?? 0;
  const next = lineStarts[low + 1];
  const end = next === undefined ? text.length : next - 1;
  const bare = end > start && text[end - 1] === "\r" ? end - 1 : end;
  return { start, end: bare, number: low + 1 };
}

export function placeOf(source: Source, offset: number): Place {
  const line = lineAround(source, offset);
  const column = [...source.text.slice(line.start, offset)].length + 1;
  return { file: source.file, line: line.number, column };
}

/** `file:line:column`, as editors and terminals understand it. */
export function formatPlace({ file, line, column }: Place): string {
  return `${file}:${line}:${column}`;
}
