import type { ArchiveLimits } from "../../domain/service.ts";

/** What is asked of an unpacking; plain data, so that it can travel to a worker thread. */
export interface UnpackRequest {
  readonly file: string;
  /** An empty folder that only the agent may write; what is unpacked stands in it. */
  readonly folder: string;
  readonly contentType?: string;
  /** The config's content-type overrules what the bytes say; the repository's is only a hint. */
  readonly contentTypeOverrules: boolean;
  /** The name that a plain-file artifact gets in `folder`. */
  readonly fileName: string;
  readonly limits: ArchiveLimits;
  /** Numbers; undefined: the agent's own. */
  readonly uid?: number;
  readonly gid?: number;
  readonly mode?: number;
  /** Seconds since 1970: the time of files for which the archive states none (or 0, which is none). */
  readonly modified?: number;
  /** Sync every file and folder before resolving. False only in measurements, and where nothing is written. */
  readonly sync: boolean;
  /** All of it is read and judged, and nothing is written: `folder` plays no part. */
  readonly judgeOnly?: boolean;
}

export interface Unpacked {
  /** "tar.gz", "zip", "file", … */
  readonly format: string;
  readonly entries: number;
  readonly bytes: number;
}

/** Unpacks in a worker thread. Rejects with a failure of the catalogue ("archive-…") and leaves whatever is in `folder` to the caller to remove. */
export type Unpack = (
  request: UnpackRequest,
  signal: AbortSignal,
  onProgress: (bytes: number) => void,
) => Promise<Unpacked>;
