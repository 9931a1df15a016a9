import { backoffLeft } from "../domain/attempt-backoff.ts";
import type { Milliseconds } from "../domain/duration.ts";
import type { Clock } from "../platform/ports.ts";

/** The wait after a failed attempt. */
export interface AttemptWait {
  /** What is left of it; `notBefore` is what the journal remembers. */
  left(notBefore: number | undefined): Milliseconds;
}

/** Reads each moment of the journal once, and from then on measures by the clock that nobody can set. */
export function attemptWait(clock: Clock): AttemptWait {
  let read: number | undefined;
  let over: Milliseconds = 0;
  return {
    left(notBefore) {
      if (notBefore !== read) {
        read = notBefore;
        over = clock.monotonic() + backoffLeft(notBefore, clock.wall());
      }
      return Math.max(0, over - clock.monotonic());
    },
  };
}
