import type { ChannelDocument, IndexDocument, VersionEntry } from "./documents.ts";
import type { Publication } from "./publication.ts";
import { nextIndex, sameVersion } from "./version-rules.ts";

/** What is to go, in the order in which it has to: first the index is written, then the content is removed. */
export interface Pruning {
  /** The very same one when there is nothing to remove. */
  readonly index: IndexDocument;
  readonly removed: readonly VersionEntry[];
  /** The keys of content that no version and no channel names any more. */
  readonly artifacts: readonly string[];
}

/**
 * Keeps the `keep` (at least 1) usable versions that were pushed last, whatever was pushed since, and what a channel points at.
 * The release documents stay: they are what keeps a version from being given to other content.
 */
export function pruned(
  index: IndexDocument,
  channels: readonly ChannelDocument[],
  keep: number,
  publication: Publication,
): Pruning {
  const usable = index.versions.filter(({ yanked }) => yanked === undefined);
  const oldest = usable.at(-Math.max(1, keep)) ?? usable[0];
  const since = oldest === undefined ? 0 : index.versions.indexOf(oldest);
  const stays = (entry: VersionEntry, place: number) => place >= since || isPointedAt(entry, channels);
  const kept = index.versions.filter(stays);
  const removed = index.versions.filter((entry) => !kept.includes(entry));
  if (removed.length === 0) return { index, removed, artifacts: [] };
  const named = new Set([...kept.map(({ key }) => key), ...channels.map(({ release }) => release.artifact.key)]);
  const artifacts = [...new Set(removed.map(({ key }) => key))].filter((key) => !named.has(key));
  return { index: nextIndex(index, kept, publication), removed, artifacts };
}

function isPointedAt(entry: VersionEntry, channels: readonly ChannelDocument[]): boolean {
  return channels.some(({ release }) => sameVersion(release.version, entry.version));
}
