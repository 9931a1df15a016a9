/**
 * Durations as operators write them: Go's syntax ("10s", "1m30s", "1.5h"), held as whole milliseconds.
 * Source of the grammar: Go's time.ParseDuration; units below a millisecond round up to one, so that "1ns" is never "no time".
 */
export type Milliseconds = number;

const millisecondsOf: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
};

const whole = /^(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h)(?:(?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))*$/u;
const part = /(\d+(?:\.\d*)?|\.\d+)(ns|us|µs|μs|ms|s|m|h)/gu;

/** The longest duration that a timer of the platform can wait for in one go is 24.8 days; a year is a typing mistake. */
export const longestDuration: Milliseconds = 366 * 24 * 3_600_000;

/**
 * Reads a duration; `undefined` when the text is not one, is negative or is longer than `longestDuration`.
 * "0" alone is allowed, as in Go.
 */
export function parseDuration(text: string): Milliseconds | undefined {
  if (text === "0") return 0;
  if (text.length > 64 || !whole.test(text)) return undefined;
  let total = 0;
  for (const [, amount, unit] of text.matchAll(part)) {
    total += Number(amount) * (millisecondsOf[unit ?? ""] ?? Number.NaN);
  }
  if (!(total <= longestDuration)) return undefined;
  return Math.ceil(Number(total.toFixed(6)));
}

/** Writes a duration the way an operator would: "1m30s", "250ms", "0s". Reading it back gives the same number. */
export function formatDuration(duration: Milliseconds): string {
  if (duration <= 0) return "0s";
  const hours = Math.floor(duration / 3_600_000);
  const minutes = Math.floor((duration % 3_600_000) / 60_000);
  const seconds = Math.floor((duration % 60_000) / 1000);
  const rest = Math.round(duration % 1000);
  const parts = [
    [hours, "h"],
    [minutes, "m"],
    [seconds, "s"],
    [rest, "ms"],
  ] as const;
  return parts
    .filter(([amount]) => amount > 0)
    .map(([amount, unit]) => `${amount}${unit}`)
    .join("");
}
