import { failure } from "../domain/failures/failure.ts";
import { promoted } from "../domain/publishing/channel-rules.ts";
import {
  artifactKey,
  type ChannelDocument,
  type DocumentName,
  type DocumentOf,
  documentKey,
  isChannelName,
  type PublishedArtifact,
  type ReleaseDocument,
  type ReleaseInfo,
} from "../domain/publishing/documents.ts";
import { parseVersion } from "../domain/publishing/version.ts";
import { indexWith, pushedRelease } from "../domain/publishing/version-rules.ts";
import type { Bytes } from "../domain/size.ts";
import type { UploadContent } from "../drivers/repositories/objects.ts";
import { changeDocument, refuseUnsignable } from "./change-document.ts";
import { hasContent } from "./content.ts";
import type { PreparedArtifact } from "./pack/artifact.ts";
import { pointAt } from "./promote.ts";
import { type Publisher, publicationOf } from "./publisher.ts";
import { readDocument } from "./read-document.ts";
import { objectOf } from "./signing-key.ts";

export interface PushRequest {
  readonly artifact: PreparedArtifact;
  readonly version: string;
  readonly notes?: string | undefined;
  /** Points at it in the end. Undefined: only who names the version, or a range, takes it. */
  readonly channel?: string | undefined;
  /** Bytes of the content that the store has. */
  readonly onProgress: (done: Bytes) => void;
}

export interface Pushed {
  readonly release: ReleaseDocument;
  readonly channel?: ChannelDocument;
  /** False: the content was there. */
  readonly uploaded: boolean;
  /** False: all of it was there. */
  readonly changed: boolean;
}

/**
 * Publishes content under a version: first the content, then what names it, at last what points at it, so that a push that is
 * cut off anywhere has changed nothing for a host; the same push again goes on. Throws "version-taken" before anything is
 * sent, and what the store throws.
 */
export async function push(publisher: Publisher, request: PushRequest): Promise<Pushed> {
  const { version, channel, artifact, notes } = request;
  const info: ReleaseInfo = { version, artifact: published(artifact), ...(notes !== undefined && { notes }) };
  await rehearse(publisher, info, channel);
  const uploaded = await bringContent(publisher, request, info.artifact);
  const release = await changeDocument(publisher, { kind: "release", version }, (standing) =>
    pushedRelease(standing, info, publicationOf(publisher)),
  );
  const index = await changeDocument(publisher, { kind: "index" }, (standing) =>
    indexWith(standing, release.document, publicationOf(publisher)),
  );
  // A prune that did not know of this push yet may just have taken away what was found.
  const again = !uploaded && (await bringContent(publisher, request, info.artifact));
  const parts = { release: release.document, index: index.document };
  const pointed = channel === undefined ? undefined : await pointAt(publisher, { channel, ...parts });
  return {
    release: release.document,
    ...(pointed !== undefined && { channel: pointed.document }),
    uploaded: uploaded || again,
    changed: uploaded || again || release.changed || index.changed || pointed?.changed === true,
  };
}

/**
 * Throws what a push would be refused for whatever it holds, so that nobody waits for the packing first: its version and
 * channel, a store that is away, documents that this key cannot build upon.
 */
export async function foresee(
  publisher: Publisher,
  { version, channel }: Pick<PushRequest, "version" | "channel">,
): Promise<void> {
  parseVersion(version);
  if (channel !== undefined && !isChannelName(channel)) throw failure("channel-name-invalid", { channel });
  const index = { kind: "index" } as const;
  const standing = await readDocument(publisher, index);
  refuseUnsignable(publisher, standing, publisher.folder.addressOf(documentKey(index)));
}

function published(artifact: PreparedArtifact): PublishedArtifact {
  const { sha256, length, format, unpacked, entries, name } = artifact;
  const key = artifactKey(sha256, format);
  return { key, sha256, length, format, unpacked, entries, ...(name !== undefined && { name }) };
}

/** All that would be written, with what stands there now: what is refused is refused before anything is sent. */
async function rehearse(publisher: Publisher, info: ReleaseInfo, channel: string | undefined): Promise<void> {
  const publication = publicationOf(publisher);
  const release = await rehearsed(publisher, { kind: "release", version: info.version }, (standing) =>
    pushedRelease(standing, info, publication),
  );
  const index = await rehearsed(publisher, { kind: "index" }, (standing) => indexWith(standing, release, publication));
  if (channel === undefined) return;
  if (!isChannelName(channel)) throw failure("channel-name-invalid", { channel });
  await rehearsed(publisher, { kind: "channel", channel }, (standing) =>
    promoted(standing, { channel, release, index }, publication),
  );
}

/** What the rule makes of what stands there, as far as it could be written. */
async function rehearsed<const Name extends DocumentName>(
  publisher: Publisher,
  name: Name,
  rule: (standing: DocumentOf<Name> | undefined) => DocumentOf<Name>,
): Promise<DocumentOf<Name>> {
  const { folder, key } = publisher;
  const object = folder.addressOf(documentKey(name));
  const standing = await readDocument(publisher, name);
  const document = rule(standing?.document);
  refuseUnsignable(publisher, standing, object);
  objectOf(document, object, key);
  return document;
}

/** False: it was there. */
async function bringContent(
  { folder, signal }: Publisher,
  { artifact, onProgress }: PushRequest,
  { key }: PublishedArtifact,
): Promise<boolean> {
  if (await hasContent(folder, { ...artifact, key }, signal)) return false;
  const content: UploadContent = artifact;
  await folder.upload(key, content, { signal, onProgress });
  return true;
}
