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
  /** Those that were healthy here. */
  readonly good: ReadonlySet<string>;
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
 * good ones the newest `keepReleases` stay (the current one counts if it is good), of the bad ones with unread evidence the newest.
 */
export function releasesToRemove(retention: Retention): readonly string[] {
  const { current, rollbackTarget, pinned, good, evidence, keepReleases, scarce } = retention;
  const newestFirst = retention.releases.toSorted(byAge).toReversed();
  const untouchable = new Set([current, rollbackTarget, ...pinned]);
  const goodOnes = newestFirst.filter(({ id }) => good.has(id));
  const badOnes = newestFirst.filter(({ id }) => evidence.has(id) && !good.has(id));
  const kept = scarce ? [] : [...goodOnes.slice(0, keepReleases), ...badOnes.slice(0, badOnesKept)];
  const keptIds = new Set(kept.map(({ id }) => id));
  const removed = newestFirst.filter(({ id }) => !untouchable.has(id) && !keptIds.has(id));
  return removed.toReversed().map(({ id }) => id);
}

function byAge(one: Release, other: Release): number {
  return one.stagedAt - other.stagedAt || (one.id < other.id ? -1 : 1);
}
