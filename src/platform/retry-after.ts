import type { Milliseconds } from "../domain/duration.ts";

/**
 * How long an answer asks to wait: the Retry-After header (RFC 9110, section 10.2.3), seconds or a date. `now` is wall time.
 * Undefined when there is none or it makes no sense. How much of it is granted is not decided here.
 */
export function retryAfter(header: string | undefined, now: number): Milliseconds | undefined {
  if (header === undefined) return undefined;
  if (/^\d{1,9}$/.test(header)) return Number(header) * 1000;
  const moment = /GMT$/.test(header) ? Date.parse(header) : Number.NaN;
  return Number.isNaN(moment) ? undefined : Math.max(0, moment - now);
}
