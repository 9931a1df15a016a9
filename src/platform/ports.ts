import type { Milliseconds } from "../domain/duration.ts";
import type { ScryptCost } from "../domain/publishing/private-key-text.ts";
import type { SignatureCheck } from "../domain/publishing/verify-document.ts";
import type { Bytes } from "../domain/size.ts";

/**
 * Everything that touches the world comes in through these, so that the real code runs under a simulated world.
 * Types only: the real ones stand in the files beside this one.
 */

export interface Clock {
  /** Milliseconds since 1970. For people and for `expires`, never for a decision about order or time passed. */
  wall(): number;
  /** Milliseconds since some fixed moment of this process; never goes back. */
  monotonic(): Milliseconds;
  /** Resolves after `duration`; rejects with the signal's reason as soon as it aborts. */
  sleep(duration: Milliseconds, signal?: AbortSignal): Promise<void>;
  /** A signal that aborts with `reason` after `duration`, or when `parent` does. Dispose of it when done. */
  deadline(
    duration: Milliseconds,
    reason: () => Error,
    parent?: AbortSignal,
  ): Disposable & { readonly signal: AbortSignal };
}

export interface Random {
  /** A number from 0 (included) to 1 (not included), for jitter. */
  fraction(): number;
  /** A new name that no other attempt has: 128 random bits in hex. */
  name(): string;
}

export type LogLevel = "debug" | "info" | "warn" | "error";
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** One line per event. `event` is a fixed sentence; what varies goes into `fields`. Never a secret. */
export interface Logger {
  log(level: LogLevel, event: string, fields?: LogFields): void;
  /** A logger whose lines all carry these fields. */
  with(fields: LogFields): Logger;
}

/** Both as PEM text. */
export interface ClientCertificate {
  readonly certificate: string;
  readonly key: string;
}

/** A body that is too long to be held: sent as it is read. */
export interface SentBody {
  readonly length: Bytes;
  /** Exactly `length` bytes. */
  chunks(): AsyncIterable<Uint8Array>;
}

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "PUT" | "DELETE";
  readonly url: string;
  /** Lower-case names. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | SentBody;
  readonly signal?: AbortSignal;
  /** From the start of the request, or the last byte of a `SentBody`, to the last byte of the answer's head. Default 30 s. */
  readonly headTimeout?: Milliseconds;
  /** PEM text of the authorities to trust instead of the built-in ones. */
  readonly authorities?: string;
  /** Take any certificate, also for another name. Only for looking at what is on this host, never with credentials. */
  readonly anyCertificate?: boolean;
  /** What this host shows to a server that wants to know whom it talks to. */
  readonly clientCertificate?: ClientCertificate;
  /** Called as soon as a connection stands, TLS included: before that, certainly nothing of the request was sent. */
  readonly onConnected?: () => void;
  /** The server keeps `content-encoding` as a note on what was uploaded and sends those very bytes (S3, Swift): not refused. */
  readonly storedEncoding?: boolean;
}

export interface HttpAnswer {
  readonly status: number;
  /** Lower-case names; several of one name are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  /** Whether a length or chunks mark the end of the body. Without them a cut looks like the end. */
  readonly framed: boolean;
  /** The body as it came. It must be read to its end or `discard`ed. A body cut before its stated length throws. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Drops the body and frees the connection. */
  discard(): void;
  /** The whole body; throws when it is longer than `limit` bytes. */
  bytes(limit: number): Promise<Uint8Array>;
  text(limit: number): Promise<string>;
}

/**
 * One HTTP exchange. Never follows a redirect, never asks for or undoes a content encoding, ignores proxy variables of the
 * environment. Throws a `Failure` ("connection-failed", "timed-out", "tls-refused", …) when there is no answer.
 */
export interface HttpClient {
  request(request: HttpRequest): Promise<HttpAnswer>;
}

export interface ProcessRequest {
  /** Run by `bash -c`. */
  readonly command: string;
  /** The whole environment of the process: nothing is inherited from the agent. */
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Where it runs when there is no such `directory`; undefined: then it is not started. */
  readonly elseDirectory?: string;
  /** User name or number; undefined: the agent's own. */
  readonly user?: string;
  /** After this the whole process tree is ended: SIGTERM, `grace`, then SIGKILL. */
  readonly timeout: Milliseconds;
  readonly grace: Milliseconds;
  /** Bytes of the output kept: the last ones, standard output and error together as they came. */
  readonly outputLimit: number;
  readonly signal?: AbortSignal;
}

export interface ProcessResult {
  readonly how: "exited" | "signalled" | "timed-out" | "stopped" | "not-started";
  /** The exit code when `how` is "exited". */
  readonly code?: number;
  readonly detail?: string;
  readonly output: string;
  /** Bytes of output dropped because of `outputLimit`. */
  readonly dropped: number;
  readonly duration: Milliseconds;
}

export interface Processes {
  run(request: ProcessRequest): Promise<ProcessResult>;
}

/** What stands at a path. Never that of a link's target. */
export interface FileLook {
  readonly kind: "file" | "folder" | "link" | "other";
  /** Permission bits only. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly size: number;
  /** In decimal digits: these numbers may not fit into a double. */
  readonly inode: string;
  readonly device: string;
}

/** A folder that is held open. */
export interface HeldFolder extends AsyncDisposable {
  /** Leads to this very folder while it is held, whatever its name comes to stand for. */
  readonly path: string;
  readonly look: FileLook;
}

/**
 * The file system, in the few operations that releases need. No path but that of `realPath` is followed through a link at
 * its end. Every method throws the system's error (`code`: "ENOSPC", …); none is durable before its folder is `sync`ed.
 */
export interface Files {
  look(path: string): Promise<FileLook | undefined>;
  /** The names in a folder, in no order; none when the folder is missing. */
  names(folder: string): Promise<readonly string[]>;
  /** The text of a file; undefined when it is missing. */
  read(path: string): Promise<string | undefined>;
  chunks(path: string): AsyncIterable<Uint8Array>;
  /** For work in a folder whose owner cannot be trusted, or that somebody could move away meanwhile. */
  hold(folder: string): Promise<HeldFolder>;
  linkText(path: string): Promise<string>;
  realPath(path: string): Promise<string>;
  /** Makes a file with exactly this mode that was not there before; its content is synced, its name is not. */
  write(path: string, content: string | Uint8Array, mode: number): Promise<void>;
  /** Makes one folder with exactly this mode, whatever the umask is. */
  makeFolder(path: string, mode: number): Promise<void>;
  /** Makes a copy with mode, owner and modification time of the original, shared with it where the file system can; synced. */
  copyFile(from: string, to: string): Promise<void>;
  /** Of a folder. */
  setMode(path: string, mode: number): Promise<void>;
  setOwner(path: string, uid: number, gid: number): Promise<void>;
  makeLink(text: string, path: string): Promise<void>;
  rename(from: string, to: string): Promise<void>;
  /** Swaps what two names stand for in one step. False, and nothing changed, where this machine has no way to. */
  exchange(one: string, other: string): Promise<boolean>;
  /** Removes what stands there, a folder with all that is in it, whatever somebody makes of it meanwhile; nothing there is fine. */
  remove(path: string): Promise<void>;
  /** Returns once a file's content, or the names in a folder, are on the disk. */
  sync(path: string): Promise<void>;
  /** What an ordinary user may still take of the file system that holds `path`. */
  space(path: string): Promise<{ readonly bytes: number; readonly inodes: number }>;
}

/** The users and groups of this machine, wherever it keeps them. */
export interface Accounts {
  self(): { readonly uid: number; readonly gid: number };
  user(name: string): Promise<{ readonly uid: number; readonly gid: number } | undefined>;
  group(name: string): Promise<number | undefined>;
}

/** What is encrypted with a passphrase, and what is authenticated beside it. */
export interface Sealing {
  readonly passphrase: string;
  readonly cost: ScryptCost;
  /** 16 bytes. */
  readonly salt: Uint8Array;
  /** 12 bytes. */
  readonly nonce: Uint8Array;
  readonly associated: Uint8Array;
}

/** Signatures are Ed25519 (RFC 8032); sealing is scrypt (RFC 7914), then AES-256-GCM. */
export interface Cryptography extends SignatureCheck {
  random(length: number): Uint8Array;
  sha512(bytes: Uint8Array): Uint8Array;
  /** Of this seed of 32 bytes. */
  publicKey(seed: Uint8Array): Uint8Array;
  sign(seed: Uint8Array, message: Uint8Array): Uint8Array;
  /** The encrypted bytes, and a tag of 16 bytes behind them. */
  seal(sealing: Sealing, secret: Uint8Array): Promise<Uint8Array>;
  /** What was sealed; undefined: with another passphrase, or it was altered. */
  open(sealing: Sealing, sealed: Uint8Array): Promise<Uint8Array | undefined>;
}
