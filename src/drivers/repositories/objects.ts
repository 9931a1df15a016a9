import type { Bytes } from "../../domain/size.ts";
import type { Swap } from "../stores/store.ts";

/** An object, and the store's token for this very state of it. */
export interface FolderObject {
  readonly bytes: Uint8Array;
  readonly version: string;
}

/** What a store says of an object without sending it. Digests are lower-case hex, and there only where they cover the whole content. */
export interface ObjectStatement {
  readonly length: Bytes;
  readonly sha256?: string;
  readonly md5?: string;
}

export interface ListedObject {
  /** Below the folder, as `read` takes it. */
  readonly key: string;
  readonly length: Bytes;
  /** Milliseconds since 1970, where the store tells. */
  readonly modified?: number;
}

/** `ifVersion`: only while the object is at that version; with undefined, only while there is none. */
export type WriteCondition = { readonly ifVersion: string | undefined } | "always";

/** A file on this machine that is to become an object. */
export interface UploadContent {
  /** Must stay as it is until the upload has ended. */
  readonly file: string;
  readonly length: Bytes;
  /** Lower-case hex. */
  readonly sha256: string;
  /** Lower-case hex. */
  readonly md5: string;
  readonly contentType: string;
}

export interface UploadOptions {
  readonly signal: AbortSignal;
  /** Bytes that the store has; goes back when a part has to be sent again. */
  readonly onProgress: (done: Bytes) => void;
}

/**
 * The objects below one path of a repository: what publishing reads and writes. Keys are paths of letters, digits, `-`, `.`,
 * `_`, `~`, `+` and `/`. Every call ends by a deadline of its own. Every verb but `write` repeats what failed on the way
 * (backoff, jitter, cap), for it comes to the same done twice; `write` is sent once, and its caller reads back.
 */
export interface ObjectFolder {
  /** As a person would name it: "s3://bucket/web". No secret in it. */
  readonly place: string;
  /**
   * False: a condition is checked first, and somebody may come in between the check and the writing. Read it after a write: of
   * some stores only that shows it.
   */
  readonly swaps: boolean;
  /** Of an object, for sentences: "s3://bucket/web/channels/stable". */
  addressOf(key: string): string;
  /** Undefined: there is none. More than `limit` bytes: "document-too-large". */
  read(key: string, limit: Bytes, signal: AbortSignal): Promise<FolderObject | undefined>;
  /** The document as an agent's plain GET has it. Changes nothing, and puts nothing right. */
  shown(key: string, limit: Bytes, signal: AbortSignal): Promise<Uint8Array | undefined>;
  measure(key: string, signal: AbortSignal): Promise<ObjectStatement | undefined>;
  /** Never repeated by itself. Throws when certainly nothing was written. */
  write(key: string, bytes: Uint8Array, condition: WriteCondition, signal: AbortSignal): Promise<Swap>;
  /**
   * Brings a whole file there, whatever was there before: to be used for keys that are named by their content. Goes on where
   * an earlier upload of this content to this key was cut off, and checks what the store states afterwards.
   */
  upload(key: string, content: UploadContent, options: UploadOptions): Promise<void>;
  /** All objects whose keys begin with `prefix` ("releases/"; "" for all), in no order. */
  list(prefix: string, signal: AbortSignal): Promise<readonly ListedObject[]>;
  /**
   * Removes what uploads to keys that begin with `prefix` ("artifacts/") left unfinished, if they began before this time, in
   * milliseconds since 1970.
   */
  sweep(prefix: string, before: number, signal: AbortSignal): Promise<void>;
  /** Nothing there is fine. */
  remove(key: string, signal: AbortSignal): Promise<void>;
  /** Frees connections and timers. */
  close(): void;
}
