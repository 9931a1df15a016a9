import type { FailureNote } from "./failures/failure.ts";
import { type Marker, sameMarker } from "./release.ts";

/**
 * A content that went bad here and is not tried again until the object changes or the operator says `retry`.
 * One of `digest` and `marker` is always there: a download that broke off has no digest yet, an activated release may
 * have no marker.
 */
export interface DeniedRelease {
  readonly digest?: string;
  readonly marker?: Marker;
  readonly reason: FailureNote;
  /** Milliseconds since 1970. */
  readonly at: number;
}

/** So many are remembered of each service; the oldest are forgotten first. */
export const deniedLimit = 50;

/** The reason why this content is not tried, if there is one. */
export function deniedFor(
  denied: readonly DeniedRelease[],
  content: { readonly digest?: string | undefined; readonly marker?: Marker | undefined },
): DeniedRelease | undefined {
  return denied.findLast((entry) =>
    entry.digest !== undefined && content.digest !== undefined
      ? entry.digest === content.digest
      : sameMarker(entry.marker, content.marker),
  );
}

/** The list with one more; an older entry of the same content makes room for it. */
export function deny(denied: readonly DeniedRelease[], entry: DeniedRelease): readonly DeniedRelease[] {
  const others = denied.filter((other) => deniedFor([other], entry) === undefined);
  return [...others, entry].slice(-deniedLimit);
}
