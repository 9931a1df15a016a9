import { formatDuration } from "../duration.ts";
import { failure } from "../failures/failure.ts";
import type { Document } from "./documents.ts";
import type { Trust } from "./trust.ts";

/** What a host knows of the time; all in milliseconds since 1970. */
export interface ClockFacts {
  /** Its clock. */
  readonly now: number;
  /** When this Dropship was built: it cannot be earlier. */
  readonly built: number;
  /** The latest moment at which a document was taken here. */
  readonly lastGood?: number;
}

/** The time that documents are judged by: a clock that was set back cannot make an old one fresh. */
export function soundTime({ now, built, lastGood = 0 }: ClockFacts): number {
  return Math.max(now, built, lastGood);
}

/** What of a document its freshness depends on; remembered, so that one that never changes is judged at every check. */
export type Dated = Pick<Document, "kind" | "created" | "expires">;

/**
 * Refuses a document whose time is over ("document-expired", "document-stale"): somebody may be holding back newer ones. What
 * runs is left alone. A release document is made once, so that it has no age.
 */
export function judgeFreshness(object: string, dated: Dated, trust: Trust | undefined, clock: ClockFacts): void {
  const time = soundTime(clock);
  const { kind, created, expires } = dated;
  const now = moment(time);
  // Asked for what must hold, so that nonsense makes nothing fresh.
  if (expires !== undefined && !(time < expires)) {
    throw failure("document-expired", { object, expired: moment(expires), now });
  }
  const maxAge = kind === "release" ? undefined : trust?.maxAge;
  if (maxAge !== undefined && !(time - created <= maxAge)) {
    throw failure("document-stale", { object, created: moment(created), now, allowed: formatDuration(maxAge) });
  }
}

/** The clock itself may be nonsense. */
function moment(at: number): string {
  return Math.abs(at) <= 8.64e15 ? new Date(at).toISOString().replace(/\.\d+Z$/, "Z") : "no time at all";
}
