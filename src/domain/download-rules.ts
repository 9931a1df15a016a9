import type { Milliseconds } from "./duration.ts";
import type { Marker } from "./release.ts";
import { downloadRetries, type RetryRule } from "./retry.ts";
import type { Bytes } from "./size.ts";

/** The limits of one download. */
export interface DownloadRules {
  /** Slower than `minimumBytes` in `minimumWindow` counts as stuck. */
  readonly minimumBytes: Bytes;
  readonly minimumWindow: Milliseconds;
  /** For all tries together. */
  readonly deadline: Milliseconds;
  readonly retries: RetryRule;
}

/** 10 KiB/s over a minute; a day for what is huge and slow (the update's own deadline is the tighter one). */
export const downloadRules: DownloadRules = {
  minimumBytes: 600 * 1024,
  minimumWindow: 60_000,
  deadline: 24 * 3_600_000,
  retries: downloadRetries,
};

/** What was measured of a content that came. */
export interface Measured {
  readonly size: Bytes;
  readonly sha256: string;
  readonly md5?: string;
}

/** Which of the store's statements the content does not meet; undefined: it meets them all. */
export function contradiction(stated: Marker, measured: Measured): string | undefined {
  if (stated.size !== undefined && stated.size !== measured.size) {
    return `${measured.size} bytes instead of ${stated.size}`;
  }
  if (stated.sha256 !== undefined && stated.sha256 !== measured.sha256) {
    return `SHA-256 ${measured.sha256} instead of ${stated.sha256}`;
  }
  if (stated.md5 !== undefined && measured.md5 !== undefined && stated.md5 !== measured.md5) {
    return `MD5 ${measured.md5} instead of ${stated.md5}`;
  }
  return undefined;
}

/** Whether the store says enough of the content to tell a whole one from one that was cut. */
export function canBeVerified(stated: Marker): boolean {
  return stated.size !== undefined || stated.sha256 !== undefined || stated.md5 !== undefined;
}

/** All that is known of one content: what was said first, completed and overruled by what was said when it was sent. */
export function mergedMarker(first: Marker, second: Marker): Marker {
  const given = Object.entries(second).filter(([, value]) => value !== undefined);
  return { ...first, ...Object.fromEntries(given) };
}
