import { failure } from "../domain/failures/failure.ts";
import type { IndexDocument, VersionEntry } from "../domain/publishing/documents.ts";
import { type Pruning, pruned } from "../domain/publishing/prune-rules.ts";
import { changeDocument } from "./change-document.ts";
import { hasContent, requireContent } from "./content.ts";
import { type Publisher, publicationOf } from "./publisher.ts";
import { readChannels, readDocument, required } from "./read-document.ts";

export interface Pruned {
  /** Versions that are listed no more. */
  readonly removed: readonly VersionEntry[];
  /** The keys of content that is gone. */
  readonly artifacts: readonly string[];
}

/** Content that nothing names may belong to a push that is under way; after so long it does not. Milliseconds. */
const abandonedAfter = 24 * 3_600_000;

/**
 * Removes old versions and their content, and what an earlier prune or push left lying. First the index is written, then the
 * content goes, so that no version is listed without its content. Throws "nothing-published", and "channel-without-content" or
 * "content-missing" when somebody came to need at the same moment what is gone now.
 */
export async function prune(publisher: Publisher, keep: number): Promise<Pruned> {
  const { folder, signal } = publisher;
  const channels = await readChannels(publisher);
  let planned: Pruning | undefined;
  await changeDocument(publisher, { kind: "index" }, (standing) => {
    planned = pruned(required(publisher, standing), channels, keep, publicationOf(publisher));
    return planned.index;
  });
  const gone: string[] = [];
  for (const key of await candidates(publisher, planned)) {
    // Right before it goes: a push or a promotion may have come in between.
    const { document: index } = required(publisher, await readDocument(publisher, { kind: "index" }));
    if (await isNamed(publisher, key, index)) continue;
    await folder.remove(key, signal);
    gone.push(key);
  }
  await requireNamed(publisher, gone);
  await folder.sweep("artifacts/", publisher.clock.wall() - abandonedAfter, signal);
  return { removed: planned?.removed ?? [], artifacts: gone };
}

/** Somebody may have come to name content between our last look and its removal. */
async function requireNamed(publisher: Publisher, gone: readonly string[]): Promise<void> {
  if (gone.length === 0) return;
  const { folder, service, signal } = publisher;
  for (const { channel, release } of await readChannels(publisher)) {
    const { version, artifact } = release;
    if (!gone.includes(artifact.key) || (await hasContent(folder, artifact, signal))) continue;
    throw failure("channel-without-content", { channel, version, service, object: folder.addressOf(artifact.key) });
  }
  const { document: index } = required(publisher, await readDocument(publisher, { kind: "index" }));
  const named = index.versions.filter(({ key }) => gone.includes(key));
  for (const entry of named) await requireContent(folder, entry, signal);
}

/** What `prune` would do. */
export async function planPrune(publisher: Publisher, keep: number): Promise<Pruned> {
  const { document: standing } = required(publisher, await readDocument(publisher, { kind: "index" }));
  const planned = pruned(standing, await readChannels(publisher), keep, publicationOf(publisher));
  const artifacts: string[] = [];
  for (const key of await candidates(publisher, planned)) {
    if (!(await isNamed(publisher, key, planned.index))) artifacts.push(key);
  }
  return { removed: planned.removed, artifacts };
}

/** The keys of content that may go, as far as age and plan say. */
async function candidates(
  { folder, clock, signal }: Publisher,
  planned: Pruning | undefined,
): Promise<readonly string[]> {
  const now = clock.wall();
  const all = await folder.list("artifacts/", signal);
  const forsaken = all.filter(({ modified = now }) => now - modified > abandonedAfter).map(({ key }) => key);
  return [...new Set([...(planned?.artifacts ?? []), ...forsaken])];
}

async function isNamed(publisher: Publisher, key: string, index: IndexDocument): Promise<boolean> {
  if (index.versions.some((entry) => entry.key === key)) return true;
  return (await readChannels(publisher)).some(({ release }) => release.artifact.key === key);
}
