import type { RolloutRecord } from "../../../src/domain/rollout/record.ts";
import { slotOf } from "../../../src/domain/rollout/standing.ts";

/** What an onlooker counts who sees every write and knows no rule but the promises. */
export interface Books {
  readonly ok: readonly string[];
  /** Attempts that ended badly, for ever. */
  readonly bad: readonly string[];
  /** Those of the release on offer that nobody acknowledged. */
  readonly live: readonly string[];
  /** Attempts at the release on offer that were called lost, are not back, and that nobody acknowledged. */
  readonly lost: readonly string[];
  /** Hosts that gave up at the release on offer. */
  readonly aborted: readonly string[];
  /** Attempts that could not go back, by host, until somebody looked. */
  readonly broken: Readonly<Record<string, string>>;
  /** Digests that no fence may pass. */
  readonly barred: readonly string[];
  /** Uploads of the date of the one on offer that it replaced, one after the other. */
  readonly replaced: readonly string[];
  /** An operator said "pause", and neither "resume" nor "retry" since. */
  readonly paused: boolean;
}

export const emptyBooks: Books = {
  ok: [],
  bad: [],
  live: [],
  lost: [],
  aborted: [],
  broken: {},
  barred: [],
  replaced: [],
  paused: false,
};

/** The slot that this host held has gone, or is another's now. */
export function withoutSlotOf(books: Books, old: RolloutRecord, host: string): Books {
  const { [host]: _looked, ...broken } = books.broken;
  return { ...books, broken, lost: books.lost.filter((attempt) => attempt !== slotOf(old, host)?.attempt) };
}

export function withName(names: readonly string[], name: string): readonly string[] {
  return names.includes(name) ? names : [...names, name].sort();
}
