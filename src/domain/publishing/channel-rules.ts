import { failure } from "../failures/failure.ts";
import {
  type ChannelDocument,
  documentKey,
  type IndexDocument,
  isChannelName,
  type ReleaseDocument,
  sameArtifact,
} from "./documents.ts";
import { headOf, nextSequence, type Publication } from "./publication.ts";
import { nextIndex, promotableVersion, requireAsListed, sameVersion } from "./version-rules.ts";

/** A channel that is to point at a release. */
export interface Promotion {
  readonly channel: string;
  /** As it stands at `releases/<version>`. */
  readonly release: ReleaseDocument;
  /** The index, which must list it. */
  readonly index: IndexDocument | undefined;
}

/**
 * What a promotion makes of the channel: also an older version gets the next sequence, so that hosts go back to it. The very
 * same document when the channel points there already: nothing is to be written then. Throws "channel-name-invalid",
 * "version-unknown" (also while its push is not complete), "version-yanked" or "release-not-as-listed".
 */
export function promoted(
  standing: ChannelDocument | undefined,
  { channel, release: document, index }: Promotion,
  publication: Publication,
): ChannelDocument {
  if (!isChannelName(channel)) throw failure("channel-name-invalid", { channel });
  const { release } = document;
  const entry = promotableVersion(index, release.version, publication.service);
  requireAsListed(entry, document, documentKey({ kind: "release", version: release.version }));
  const isThere =
    standing !== undefined &&
    sameVersion(standing.release.version, release.version) &&
    sameArtifact(standing.release.artifact, release.artifact);
  return isThere ? standing : nextChannel(standing, channel, release, publication);
}

function nextChannel(
  standing: ChannelDocument | undefined,
  channel: string,
  release: ChannelDocument["release"],
  publication: Publication,
): ChannelDocument {
  const sequence = nextSequence(documentKey({ kind: "channel", channel }), standing?.sequence, publication);
  const { expires: _, ...before } = standing ?? {};
  return { ...before, ...headOf(publication, standing), kind: "channel", channel, sequence, release };
}

/** The same document anew, with the next sequence: it says the same, only later, and is valid for longer. */
export function refreshed<One extends ChannelDocument | IndexDocument>(document: One, publication: Publication): One;
export function refreshed(document: ChannelDocument | IndexDocument, publication: Publication) {
  return document.kind === "index"
    ? nextIndex(document, document.versions, publication)
    : nextChannel(document, document.channel, document.release, publication);
}
