/** The number of single edits (insert, delete, replace, swap of neighbours) between two words: optimal string alignment. */
function distance(one: string, other: string): number {
  const rows: number[][] = [Array.from({ length: other.length + 1 }, (_, column) => column)];
  for (let row = 1; row <= one.length; row++) {
    const current = [row];
    for (let column = 1; column <= other.length; column++) {
      current.push(cheapestEdit(rows, current, { one, other, row, column }));
    }
    rows.push(current);
  }
  return rows[one.length]?.[other.length] ?? 0;
}

function cheapestEdit(
  rows: readonly number[][],
  current: readonly number[],
  at: { one: string; other: string; row: number; column: number },
): number {
  const { one, other, row, column } = at;
  const above = rows[row - 1] ?? [];
  const same = one[row - 1] === other[column - 1];
  const plain = Math.min(
    (above[column] ?? 0) + 1,
    (current[column - 1] ?? 0) + 1,
    (above[column - 1] ?? 0) + (same ? 0 : 1),
  );
  const swapped = row > 1 && column > 1 && one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
  return swapped ? Math.min(plain, (rows[row - 2]?.[column - 2] ?? 0) + 1) : plain;
}

/** The known word nearest to a mistyped one, or `undefined` when none is near enough to be what was meant. */
export function nearest(word: string, known: Iterable<string>): string | undefined {
  const lower = word.toLowerCase();
  let best: string | undefined;
  let bestDistance = Math.max(1, Math.floor(word.length / 3)) + 1;
  for (const candidate of known) {
    const found = distance(lower, candidate.toLowerCase());
    if (found < bestDistance) {
      best = candidate;
      bestDistance = found;
    }
  }
  return best;
}

/** `; did you mean "x"?` to be put behind a message, or nothing. */
export function didYouMean(word: string, known: Iterable<string>): string {
  const found = nearest(word, known);
  return found === undefined ? "" : `; did you mean "${found}"?`;
}
