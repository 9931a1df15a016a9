import type { FailureNote } from "../../domain/failures/failure.ts";
import type { ArchiveLimits } from "../../domain/service.ts";

/** What a folder can be packed as. */
export type PackFormat = "tar.zst" | "tar.gz";

/** What is to be made an artifact, and how. */
export interface PrepareRequest {
  /** A folder, which is packed; or a file (an archive made by others too), which stays as it is. */
  readonly source: string;
  /** For a folder. */
  readonly format: PackFormat;
  /** Stands in the place of the folder's own. */
  readonly ignoreFile?: string | undefined;
  /** Those of the agents that will follow. */
  readonly limits: ArchiveLimits;
  /** The artifact is kept in a folder in here, for its owner alone, until it is disposed of. */
  readonly scratch: string;
  readonly signal: AbortSignal;
  /** Called often. */
  readonly onProgress: (progress: PackProgress) => void;
  /** Hears of everything in a folder that agents would refuse, before "source-refused" is thrown. */
  readonly onRefused: (refusals: readonly Refusal[]) => void;
}

/** In bytes: of what is packed, then of the artifact. */
export interface PackProgress {
  readonly step: "packing" | "checking";
  readonly done: number;
  readonly total: number;
}

/** One thing in a folder that cannot be published, and what to do about it. */
export interface Refusal extends FailureNote {
  /** Relative to the folder, spelled out for a terminal. */
  readonly path: string;
}

/** An artifact that agents would take. Disposing of it removes its file. */
export interface PreparedArtifact extends AsyncDisposable {
  readonly file: string;
  /** In bytes. */
  readonly length: number;
  /** Digests in lower-case hex. */
  readonly sha256: string;
  readonly md5: string;
  /** What agents make of it: a format of `drivers/archives`, or "file". */
  readonly format: string;
  /** Bytes of the files that come out of it. */
  readonly unpacked: number;
  readonly entries: number;
  /** Of a plain file, and of nothing else. */
  readonly name?: string;
  readonly contentType: string;
  /** Of a packed folder: SHA-256 of the tar inside. Equal for equal content, whatever compressed it. */
  readonly tree?: string;
  /** What the ignore file left out, relative to the folder; a folder, with all that is in it, ends with a slash. */
  readonly leftOut: readonly string[];
}
