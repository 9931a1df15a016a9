import type { Milliseconds } from "./duration.ts";

const first: Milliseconds = 30_000;
/** The longest wait between two attempts. */
export const longestAttemptBackoff: Milliseconds = 3_600_000;

/**
 * How long a service waits after so many aborted attempts in a row: 30 s, doubled each time, at most an hour; the upper
 * half of it is random (`fraction`: 0 to 1), so that hosts that failed together do not come back together.
 */
export function attemptBackoff(aborts: number, fraction: number): Milliseconds {
  if (aborts <= 0) return 0;
  const whole = Math.min(longestAttemptBackoff, first * 2 ** Math.min(aborts - 1, 16));
  return Math.round(whole / 2 + (whole / 2) * fraction);
}

/** What is left of a wait until `notBefore`. More than the longest wait cannot be: the wall clock was set back, and the wait is over. */
export function backoffLeft(notBefore: number | undefined, wall: number): Milliseconds {
  if (notBefore === undefined) return 0;
  const left = Math.max(0, notBefore - wall);
  return left > longestAttemptBackoff ? 0 : left;
}
