import type { Bytes } from "./size.ts";

/**
 * What a repository says of an artifact without sending it: the cheap answer to "has it changed?".
 * Only ever compared for equality. It never identifies content: that is the digest's task.
 */
export interface Marker {
  /** Whose marker it is, as the repository calls the artifact: two artifacts may well have the same ETag. */
  readonly artifact?: string;
  readonly etag?: string;
  readonly lastModified?: string;
  /** The store's own version of the object, where it keeps versions. */
  readonly version?: string;
  readonly size?: Bytes;
  /** Digests of the whole content that the store states; the download is checked against them. Lower-case hex. */
  readonly md5?: string;
  readonly sha256?: string;
  /**
   * When it was uploaded, by the store's own clock, where that cannot be set from outside; milliseconds since 1970. The order
   * among the uploads of one artifact. Never compared for sameness.
   */
  readonly uploadedAt?: number;
  /** What the store says the content is; `content-type` in the config overrules it. */
  readonly contentType?: string;
  /** What is known of a published release; undefined: the object itself is followed. */
  readonly published?: Published;
}

/** What the document that leads to a release says of it. Size and SHA-256 of its content stand in the marker. */
export interface Published {
  /** As it was written when it was pushed. */
  readonly version: string;
  /** The row that it stands in, and that `sequence` counts: `channel "stable" of "web"`. */
  readonly line: string;
  readonly channel?: string;
  /** Of the channel, or of the index that it was chosen from. */
  readonly sequence?: number;
  /** Where its content lies below the path of the artifact. */
  readonly key: string;
  /** The word of its archive format; what the bytes look like does not count. */
  readonly format: string;
  /** When the document was made, by the publisher's clock; milliseconds since 1970. */
  readonly created: number;
  readonly by: string;
  /** The number of the trusted key that signed it. */
  readonly signedBy?: string;
}

/** Whether two markers speak of the same upload, as far as the store can tell. */
export function sameMarker(one: Marker | undefined, other: Marker | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  if (one.artifact !== undefined && other.artifact !== undefined && one.artifact !== other.artifact) return false;
  if (one.published?.version !== other.published?.version) return false;
  const keys = ["version", "etag", "lastModified", "size", "sha256", "md5"] as const;
  const strongest = keys.find((key) => one[key] !== undefined && other[key] !== undefined);
  if (strongest === undefined) return false;
  if (strongest === "version" || strongest === "etag") return one[strongest] === other[strongest];
  return keys.every((key) => one[key] === other[key]);
}

/** One content of an artifact. `digest` is its SHA-256 in lower-case hex; identity is digest and size. */
export interface Release {
  /** Names the folder on disk: the version if there is one, and the start of the digest; "adopted-…" for what was there before. */
  readonly id: string;
  readonly digest: string;
  readonly size: Bytes;
  readonly version?: string;
  readonly marker?: Marker;
  /** When this host staged it; milliseconds since 1970. */
  readonly stagedAt: number;
}

/** The folder name of a release: safe in every file system and shell, and telling to a person. */
export function releaseId(digest: string, version?: string): string {
  const short = digest.slice(0, 12);
  const safe = version
    ?.replace(/[^A-Za-z0-9._+-]/g, "-")
    .replace(/^[.-]+/, "")
    .slice(0, 64);
  return safe ? `${safe}-${short}` : short;
}
