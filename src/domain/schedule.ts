import type { Milliseconds } from "./duration.ts";

/**
 * When a service is looked at next. Pure: `fraction` is a random number from 0 (included) to 1 (not included).
 * The aim of every rule here is that many services and many hosts with one configuration never ask at one moment.
 */

/** A check that keeps failing is tried at least this often, however long it has failed. */
export const longestBackoff: Milliseconds = 10 * 60_000;

/** The longest wait that a timer of the platform takes. */
const longestWait: Milliseconds = 2 ** 31 - 1;

/** The first check after the start: anywhere in one interval. */
export function firstDelay(interval: Milliseconds, fraction: number): Milliseconds {
  return bounded(interval * fraction);
}

/** The check after one that had an answer: the interval, give or take a tenth. */
export function nextDelay(interval: Milliseconds, fraction: number): Milliseconds {
  return bounded(interval * (0.9 + 0.2 * fraction));
}

export interface Backoff {
  readonly interval: Milliseconds;
  /** Failures in a row, the one just met included. */
  readonly failures: number;
  /** Whether the same thing may work later without anybody changing anything. */
  readonly passing: boolean;
  readonly fraction: number;
}

/**
 * The check after a failed one: exponential with full jitter above the interval, so that a failing service never asks more
 * often than a working one. What will not pass by itself goes to the longest wait at once.
 */
export function backoffDelay({ interval, failures, passing, fraction }: Backoff): Milliseconds {
  const cap = Math.max(interval, longestBackoff);
  const ceiling = passing ? Math.min(cap, Math.max(interval, 1000) * 2 ** Math.min(failures, 30)) : cap;
  const floor = Math.min(interval * 0.9, ceiling);
  return bounded(floor + (ceiling - floor) * fraction);
}

function bounded(delay: Milliseconds): Milliseconds {
  return Math.max(0, Math.min(Math.round(delay), longestWait));
}

/** What is remembered of a failure that keeps coming back, so that it is not said again and again. */
export interface Spoken {
  readonly code: string;
  readonly sentence: string;
  /** Since when it fails, and when it was last said; monotonic milliseconds. */
  readonly since: Milliseconds;
  readonly saidAt: Milliseconds;
  readonly count: number;
}

export type Saying =
  | { readonly say: "nothing"; readonly spoken?: Spoken }
  | { readonly say: "failed"; readonly spoken: Spoken }
  | { readonly say: "still-failing"; readonly spoken: Spoken }
  | { readonly say: "recovered"; readonly after: Milliseconds; readonly failures: number };

/** A failure that lasts is said again this often. */
export const repeatAfter: Milliseconds = 3_600_000;

/** Whether the outcome of a check is news: a new failure, an old one that is an hour old again, or a recovery. */
export function news(
  before: Spoken | undefined,
  met: { readonly code: string; readonly sentence: string } | undefined,
  now: Milliseconds,
): Saying {
  if (met === undefined) {
    if (before === undefined) return { say: "nothing" };
    return { say: "recovered", after: now - before.since, failures: before.count };
  }
  if (before === undefined) {
    return { say: "failed", spoken: { code: met.code, sentence: met.sentence, since: now, saidAt: now, count: 1 } };
  }
  const count = before.count + 1;
  // A sentence may hold what differs each time (a port, a duration): only another code is another failure.
  if (before.code !== met.code) {
    return { say: "failed", spoken: { ...before, code: met.code, sentence: met.sentence, saidAt: now, count } };
  }
  if (now - before.saidAt >= repeatAfter) return { say: "still-failing", spoken: { ...before, saidAt: now, count } };
  return { say: "nothing", spoken: { ...before, count } };
}
