import { failure } from "../domain/failures/failure.ts";
import { promoted } from "../domain/publishing/channel-rules.ts";
import type { ChannelDocument, IndexDocument, ReleaseDocument } from "../domain/publishing/documents.ts";
import { promotableVersion } from "../domain/publishing/version-rules.ts";
import { type Changed, changeDocument } from "./change-document.ts";
import { requireContent } from "./content.ts";
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

/** Lets the channel point at this release, which stands in the repository. */
export function pointAt(
  publisher: Publisher,
  promotion: {
    readonly channel: string;
    readonly release: ReleaseDocument;
    readonly index: IndexDocument | undefined;
  },
): Promise<Changed<ChannelDocument>> {
  const { channel } = promotion;
  return changeDocument(publisher, { kind: "channel", channel }, (standing) =>
    promoted(standing, promotion, publicationOf(publisher)),
  );
}
