import type { Bytes } from "../size.ts";
import { parseVersion, versionName } from "./version.ts";

/**
 * What lies in a repository below the path of an artifact: content under `artifacts/`, named by its digest, and three kinds of
 * documents. A release document is made once and never changed; a channel says which release its followers take; the index
 * lists all versions. How they are read and written stands in `document-text.ts`; when they are believed, in `verify-document.ts`.
 */
export type Document = ReleaseDocument | ChannelDocument | IndexDocument;

/** What every document says. */
export interface DocumentHead {
  /** A newer form is refused: whatever an older version must not overlook raises it. */
  readonly format: 1;
  /** The application's name as it was pushed: a document of another one is not taken. */
  readonly service: string;
  /** Milliseconds since 1970, by the publisher's clock. */
  readonly created: number;
  /** Who published it, in their own words. */
  readonly by: string;
  /** After this moment it is not taken any more; milliseconds since 1970. */
  readonly expires?: number;
}

export interface ReleaseDocument extends DocumentHead {
  readonly kind: "release";
  readonly release: ReleaseInfo;
}

export interface ChannelDocument extends DocumentHead {
  readonly kind: "channel";
  readonly channel: string;
  /** 1, 2, …: grows with every change of this channel, also when it goes back to an older version. */
  readonly sequence: number;
  /** The whole of it, so that a host needs this one document. */
  readonly release: ReleaseInfo;
}

export interface IndexDocument extends DocumentHead {
  readonly kind: "index";
  /** As in a channel. */
  readonly sequence: number;
  /** In the order in which they were pushed, each version once. */
  readonly versions: readonly VersionEntry[];
}

/** One version and what it consists of. */
export interface ReleaseInfo {
  /** As it was written when it was pushed. */
  readonly version: string;
  readonly artifact: PublishedArtifact;
  readonly notes?: string;
}

export interface PublishedArtifact {
  /** Below the path of the artifact. */
  readonly key: string;
  /** Lower-case hex. */
  readonly sha256: string;
  readonly length: Bytes;
  /** The word of an archive format: "tar.zst", "zip", "file", … */
  readonly format: string;
  /** All files together once unpacked. */
  readonly unpacked: Bytes;
  readonly entries: number;
  /** Of a plain file ("file"), and of nothing else: what it is called at the destination. */
  readonly name?: string;
}

export interface VersionEntry {
  readonly version: string;
  readonly key: string;
  readonly sha256: string;
  readonly length: Bytes;
  readonly format: string;
  /** Of a plain file. */
  readonly name?: string;
  readonly created: number;
  readonly by: string;
  readonly yanked?: Yanked;
}

/** Taken back: ranges pass over it and no channel comes to point at it; who names it exactly still gets it. */
export interface Yanked {
  readonly at: number;
  readonly by: string;
  readonly reason: string;
}

/** Which document is meant. */
export type DocumentName =
  | { readonly kind: "release"; readonly version: string }
  | { readonly kind: "channel"; readonly channel: string }
  | { readonly kind: "index" };

/** The document that this name stands for. */
export type DocumentOf<Name extends Pick<DocumentName, "kind">> = Extract<Document, { readonly kind: Name["kind"] }>;

/** Where the document lies below the path of the artifact. Throws "version-invalid". */
export function documentKey(name: DocumentName): string {
  switch (name.kind) {
    case "release":
      return `releases/${versionName(parseVersion(name.version))}`;
    case "channel":
      return `channels/${name.channel}`;
    case "index":
      return "index";
  }
}

/** Where content lies below the path of the artifact. */
export function artifactKey(sha256: string, format: string): string {
  return `artifacts/${sha256}.${format}`;
}

/** The most bytes that the object of such a document may have, its signature included. */
export function documentLimit(kind: Document["kind"]): Bytes {
  return kind === "index" ? 256 * 1024 : 64 * 1024;
}

/** Names a channel, and so an object: no slash, no dot at its ends. */
export function isChannelName(text: string): boolean {
  return /^[0-9A-Za-z](?:[0-9A-Za-z._-]{0,62}[0-9A-Za-z])?$/.test(text);
}

/** Whether two descriptions are of the same content: what a version must never change. */
export function sameArtifact(one: ArtifactIdentity, other: ArtifactIdentity): boolean {
  return one.key === other.key && one.length === other.length && one.name === other.name;
}

type ArtifactIdentity = Pick<PublishedArtifact, "key" | "length" | "name">;
