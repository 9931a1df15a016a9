import type { Release } from "./release.ts";

/** What decides which releases stay on a host's disk. All of them are named by their ids. */
export interface Retention {
  /** All that are on disk. */
  readonly releases: readonly Release[];
  readonly current: string | undefined;
  /** Where a rollback would go. */
  readonly rollbackTarget: string | undefined;
  /** Held by the operator, or by an update that is under way. */
  readonly pinned: ReadonlySet<string>;
  /** Those that proved good here, the latest last. */
  readonly good: readonly string[];
  /** Bad ones whose evidence nobody has read yet. */
  readonly evidence: ReadonlySet<string>;
  /** How many good ones to keep. */
  readonly keepReleases: number;
  /** The disk is short of space: nothing is kept for convenience. */
  readonly scarce: boolean;
}

/** A bad release is kept so that somebody can look at it: one of them, for a release can be large. */
const badOnesKept = 1;

/**
 * The ids of the releases to remove, the oldest first. Never the current one, the rollback target or a pinned one. Of the
 * good ones the last `keepReleases` stay (the current one counts), of the bad ones with unread evidence the newest.
 */
export function releasesToRemove(retention: Retention): readonly string[] {
  const { current, rollbackTarget, pinned, good, evidence, keepReleases, scarce } = retention;
  const onDisk = retention.releases.toSorted(byAge).map(({ id }) => id);
  const goodOnes = good.filter((id) => onDisk.includes(id)).slice(-Math.max(1, keepReleases));
  const badOnes = onDisk.filter((id) => evidence.has(id) && !good.includes(id)).slice(-badOnesKept);
  const kept = new Set([current, rollbackTarget, ...pinned, ...(scarce ? [] : [...goodOnes, ...badOnes])]);
  return onDisk.filter((id) => !kept.has(id));
}

function byAge(one: Release, other: Release): number {
  return one.stagedAt - other.stagedAt || (one.id < other.id ? -1 : 1);
}
