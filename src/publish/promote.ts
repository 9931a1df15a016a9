import { failure } from "../domain/failures/failure.ts";
import { promoted } from "../domain/publishing/channel-rules.ts";
import type { ChannelDocument, IndexDocument, ReleaseDocument } from "../domain/publishing/documents.ts";
import { entryFor, indexWith, promotableVersion } from "../domain/publishing/version-rules.ts";
import { type Changed, changeDocument } from "./change-document.ts";
import { hasContent, requireContent } from "./content.ts";
import { type Publisher, publicationOf } from "./publisher.ts";
import { readDocument } from "./read-document.ts";

/**
 * Lets a channel point at a version. Throws what `promoted` throws, and "content-missing": hosts would look for it in vain.
 * Nothing was changed then.
 */
export async function promote(
  publisher: Publisher,
  { version, channel }: { readonly version: string; readonly channel: string },
): Promise<Changed<ChannelDocument>> {
  const { folder, service, signal } = publisher;
  const index = (await readDocument(publisher, { kind: "index" }))?.document;
  const entry = promotableVersion(index, version, service);
  const release = (await readDocument(publisher, { kind: "release", version }))?.document;
  if (release === undefined) throw failure("version-unknown", { version: entry.version, service });
  await requireContent(folder, { ...release.release.artifact, version: entry.version }, signal);
  return pointAt(publisher, { channel, release, index });
}

/**
 * Lets the channel point at this release, which stands in the repository. Somebody who yanked or pruned it at the same moment
 * may not have seen the channel: so both look once more after they have written, and one of them at least sees the other.
 * Throws also "channel-at-yanked" and "channel-without-content"; the channel points there then.
 */
export async function pointAt(
  publisher: Publisher,
  promotion: {
    readonly channel: string;
    readonly release: ReleaseDocument;
    readonly index: IndexDocument | undefined;
  },
): Promise<Changed<ChannelDocument>> {
  const { channel, release } = promotion;
  const pointed = await changeDocument(publisher, { kind: "channel", channel }, (standing) =>
    promoted(standing, promotion, publicationOf(publisher)),
  );
  await settle(publisher, channel, release);
  return pointed;
}

/** A prune takes what is listed for needed, so that it is listed first, and looked for then. */
async function settle(publisher: Publisher, channel: string, document: ReleaseDocument): Promise<void> {
  const { folder, service, signal } = publisher;
  const { version, artifact } = document.release;
  const index = await changeDocument(publisher, { kind: "index" }, (standing) =>
    indexWith(standing, document, publicationOf(publisher)),
  );
  const yanked = entryFor(index.document, version)?.yanked;
  if (yanked !== undefined) {
    throw failure("channel-at-yanked", { channel, version, service, by: yanked.by, reason: yanked.reason });
  }
  if (await hasContent(folder, artifact, signal)) return;
  throw failure("channel-without-content", { channel, version, service, object: folder.addressOf(artifact.key) });
}
