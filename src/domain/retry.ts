import type { Milliseconds } from "./duration.ts";

/** When a request that failed is tried again. */
export interface RetryRule {
  /** The ceiling of the first wait; it doubles with every failure in a row. */
  readonly first: Milliseconds;
  readonly cap: Milliseconds;
  /** Tries without progress before it is given up. */
  readonly tries: number;
  /** The longest wait that a server may ask for. */
  readonly longestAsked: Milliseconds;
}

/** Within one call of a command: somebody waits for it. */
export const objectRetries: RetryRule = { first: 500, cap: 15_000, tries: 6, longestAsked: 60_000 };

export const downloadRetries: RetryRule = { first: 500, cap: 30_000, tries: 7, longestAsked: 120_000 };

/**
 * The wait before the next try: exponential with full jitter (anything from nothing to the ceiling), so that many hosts cut
 * off at one moment do not come back at one moment. What the server asked for (Retry-After) is the least, within a bound.
 * `failures`: in a row, this one included; `fraction`: from 0 (included) to 1 (not included).
 */
export function retryWait(
  rule: RetryRule,
  failures: number,
  fraction: number,
  asked: Milliseconds | undefined,
): Milliseconds {
  const ceiling = Math.min(rule.cap, rule.first * 2 ** Math.min(Math.max(failures, 1) - 1, 30));
  const jittered = Math.round(ceiling * fraction);
  return asked === undefined ? jittered : Math.min(asked, rule.longestAsked) + jittered;
}

/** The cause of a failure that came with a wish of the server: not before this has passed. */
export class AskedToWait extends Error {
  readonly wait: Milliseconds;

  constructor(wait: Milliseconds) {
    super(`the server asks to wait ${wait} ms`);
    this.wait = wait;
  }
}
