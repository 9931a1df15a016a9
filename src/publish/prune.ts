import type { VersionEntry } from "../domain/publishing/documents.ts";
import { type Pruning, pruned } from "../domain/publishing/prune-rules.ts";
import { changeDocument } from "./change-document.ts";
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
 * content goes, so that no version is listed without its content. Throws "nothing-published".
 */
export async function prune(publisher: Publisher, keep: number): Promise<Pruned> {
  const channels = await readChannels(publisher);
  let planned: Pruning | undefined;
  await changeDocument(publisher, { kind: "index" }, (standing) => {
    planned = pruned(required(publisher, standing), channels, keep, publicationOf(publisher));
    return planned.index;
  });
  const { removed, artifacts } = await judged(publisher, planned);
  const { folder, signal } = publisher;
  for (const key of artifacts) await folder.remove(key, signal);
  return { removed, artifacts };
}

/** What `prune` would do. */
export async function planPrune(publisher: Publisher, keep: number): Promise<Pruned> {
  const standing = (await readDocument(publisher, { kind: "index" }))?.document;
  const index = required(publisher, standing);
  return await judged(publisher, pruned(index, await readChannels(publisher), keep, publicationOf(publisher)));
}

/** What else goes. Looks once more at what is named, for a push or a promotion may have come in between. */
async function judged(publisher: Publisher, planned: Pruning | undefined): Promise<Pruned> {
  const { removed = [], artifacts = [] } = planned ?? {};
  const gone = new Set(removed.map(({ version }) => version));
  const listed = (await readDocument(publisher, { kind: "index" }))?.document.versions ?? [];
  const pointed = (await readChannels(publisher)).map(({ release }) => release.artifact.key);
  const named = new Set([...listed.filter(({ version }) => !gone.has(version)).map(({ key }) => key), ...pointed]);
  const forsaken = await forsakenContent(publisher);
  return { removed, artifacts: [...new Set([...artifacts, ...forsaken])].filter((key) => !named.has(key)) };
}

async function forsakenContent({ folder, clock, signal }: Publisher): Promise<readonly string[]> {
  const now = clock.wall();
  const all = await folder.list("artifacts/", signal);
  return all.filter(({ modified = now }) => now - modified > abandonedAfter).map(({ key }) => key);
}
