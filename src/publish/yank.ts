import { failure } from "../domain/failures/failure.ts";
import type { IndexDocument, VersionEntry } from "../domain/publishing/documents.ts";
import { entryFor, sameVersion, yankedIn } from "../domain/publishing/version-rules.ts";
import { type Changed, changeDocument } from "./change-document.ts";
import { type Publisher, publicationOf } from "./publisher.ts";
import { readChannels } from "./read-document.ts";

/**
 * Takes a version back. Throws what `yankedIn` throws; nothing was changed then. Throws "channel-at-yanked" when somebody let a
 * channel point at it at the same moment: it is yanked then.
 */
export async function yank(
  publisher: Publisher,
  wish: { readonly version: string; readonly reason: string },
): Promise<Changed<IndexDocument>> {
  const channels = await readChannels(publisher);
  const changed = await changeDocument(publisher, { kind: "index" }, (standing) =>
    yankedIn(standing, wish, channels, publicationOf(publisher)),
  );
  await requireNoChannel(publisher, entryFor(changed.document, wish.version));
  return changed;
}

/** Who promoted it may have read the index before it was written. */
async function requireNoChannel(publisher: Publisher, entry: VersionEntry | undefined): Promise<void> {
  if (entry?.yanked === undefined) return;
  const { version, yanked } = entry;
  const { service } = publisher;
  for (const { channel, release } of await readChannels(publisher)) {
    if (!sameVersion(release.version, version)) continue;
    throw failure("channel-at-yanked", { channel, version, service, by: yanked.by, reason: yanked.reason });
  }
}
