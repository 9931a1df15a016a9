import { createHash, type Hash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import type { Measured } from "../../domain/download-rules.ts";
import { Failure, failure } from "../../domain/failures/failure.ts";
import { type Marker, sameMarker } from "../../domain/release.ts";

/** Bytes that are gathered before one write: large enough that the thread-pool hop does not count. */
const batchSize = 512 * 1024;
/** Parts of one write; the system takes at most 1024. */
const batchParts = 512;
/** A part of this size has a buffer of its own, if it fills it. */
const ownBuffer = 16 * 1024;
/** A long file is brought to disk while it comes, so that the sync at its end is short. */
const syncEvery = 32 * 1024 * 1024;

/** A file that a download fills from its start. Its digests are of what was written, in order. */
export interface PartialFile {
  /** Bytes that are in the file or on their way into it. */
  readonly length: number;
  /** Takes one part; resolves when it may have the next. The part belongs to the file from then on. */
  write(part: Uint8Array): Promise<void>;
  /** Waits until all that was taken is written. */
  flush(): Promise<void>;
  /** Throws the content away and starts again at byte 0. */
  restart(): Promise<void>;
  /** Brings the file and its name to disk and says what it holds. */
  finish(): Promise<Measured>;
  close(): Promise<void>;
}

/** What stands beside a partial file: whose content it is. */
interface Source {
  readonly marker: Marker;
  /** Of the machine's start. What a power cut left may hold blocks that were never written. */
  readonly boot: string;
}

interface State {
  length: number;
  written: number;
  synced: number;
  batch: Uint8Array[];
  batched: number;
  /** The write that runs; it never rejects: what went wrong is in `problem`. */
  running: Promise<void>;
  syncing: Promise<void>;
  problem: unknown;
  sha256: Hash;
  md5: Hash | undefined;
}

/** The name of the note beside a partial file. */
function sourceFile(file: string): string {
  return `${file}.source`;
}

/**
 * Opens `file` for the content that `marker` speaks of: continues what an interrupted download of that very content left
 * there, and starts at byte 0 otherwise. Throws "disk-full" and the like, and the signal's reason while it reads what is there.
 */
export async function openPartialFile(file: string, marker: Marker, signal: AbortSignal): Promise<PartialFile> {
  return onDisk(file, async () => {
    const boot = await bootId();
    const continued = await belongsTo(file, marker, boot);
    if (!continued) await claim(file, { marker, boot });
    // O_NOFOLLOW: a link in the place of the file is not ours and is refused
    const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW | constants.O_NONBLOCK;
    const handle = await open(file, flags, 0o600);
    try {
      const state = newState(marker);
      if (continued) await readBack(handle, state, signal);
      return partialFile(file, handle, marker, state);
    } catch (error) {
      await handle.close();
      throw error;
    }
  });
}

/** Removes a partial file and its note. */
export async function removePartialFile(file: string): Promise<void> {
  await rm(file, { force: true });
  await rm(sourceFile(file), { force: true });
}

function newState(marker: Marker): State {
  return {
    length: 0,
    written: 0,
    synced: 0,
    batch: [],
    batched: 0,
    running: Promise.resolve(),
    syncing: Promise.resolve(),
    problem: undefined,
    sha256: createHash("sha256"),
    // MD5 only where the store states nothing better: it costs as much as everything else together
    md5: marker.md5 !== undefined && marker.sha256 === undefined ? createHash("md5") : undefined,
  };
}

async function bootId(): Promise<string> {
  return readFile("/proc/sys/kernel/random/boot_id", "latin1").catch(() => "");
}

async function belongsTo(file: string, marker: Marker, boot: string): Promise<boolean> {
  try {
    const source = JSON.parse(await readFile(sourceFile(file), "utf8")) as Partial<Source>;
    const trusted = boot !== "" && source.boot === boot;
    return trusted && sameMarker(source.marker, marker);
  } catch {
    return false;
  }
}

/** Removes what stands there, then notes whose content comes next; in this order, so that a crash between leaves no wrong pair. */
async function claim(file: string, source: Source): Promise<void> {
  await rm(file, { force: true });
  const temporary = `${sourceFile(file)}.new`;
  await rm(temporary, { force: true });
  await writeFile(temporary, JSON.stringify(source), { mode: 0o600, flag: "wx" });
  await rename(temporary, sourceFile(file));
}

/** Takes the digests of what an earlier download left. */
async function readBack(handle: FileHandle, state: State, signal: AbortSignal): Promise<void> {
  const buffer = Buffer.allocUnsafeSlow(batchSize);
  while (true) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, batchSize, state.length);
    if (bytesRead === 0) break;
    digest(state, buffer.subarray(0, bytesRead));
    state.length += bytesRead;
  }
  state.written = state.length;
}

function digest(state: State, part: Uint8Array): void {
  state.sha256.update(part);
  state.md5?.update(part);
}

function partialFile(file: string, handle: FileHandle, marker: Marker, state: State): PartialFile {
  const flush = async () => {
    await state.running;
    start(handle, state);
    await state.running;
    if (state.problem !== undefined) throw asDiskFailure(file, state.problem);
  };
  return {
    get length() {
      return state.length;
    },
    async write(part) {
      digest(state, part);
      state.length += part.length;
      state.batch.push(part);
      state.batched += part.length;
      if (state.batched < batchSize && state.batch.length < batchParts) return;
      // one batch is written while the next one comes
      await state.running;
      if (state.problem !== undefined) throw asDiskFailure(file, state.problem);
      start(handle, state);
    },
    flush,
    async restart() {
      await flush();
      await onDisk(file, () => handle.truncate(0));
      Object.assign(state, newState(marker));
    },
    async finish() {
      await flush();
      await state.syncing;
      if (state.problem !== undefined) throw asDiskFailure(file, state.problem);
      await onDisk(file, async () => {
        await handle.sync();
        await syncFolder(dirname(file));
      });
      const md5 = state.md5?.digest("hex");
      return { size: state.length, sha256: state.sha256.digest("hex"), ...(md5 !== undefined && { md5 }) };
    },
    async close() {
      await state.running;
      await state.syncing;
      await handle.close();
    },
  };
}

/** Starts to write what was gathered. */
function start(handle: FileHandle, state: State): void {
  const { batch, written, batched } = state;
  if (batch.length === 0) return;
  state.batch = [];
  state.batched = 0;
  state.written += batched;
  const failed = (error: unknown) => {
    state.problem ??= error;
  };
  state.running = writeAll(handle, batch, written)
    .then(() => batch.forEach(giveBack))
    .catch(failed);
  if (state.written - state.synced < syncEvery) return;
  state.synced = state.written;
  state.syncing = Promise.all([state.syncing, state.running])
    .then(() => handle.datasync())
    .catch(failed);
}

/** Gives the memory of a part that was written back at once: the collector would let some 30 MB of them gather first. */
function giveBack(part: Uint8Array): void {
  const { buffer } = part;
  const whole = part.length === buffer.byteLength && part.length >= ownBuffer;
  if (whole && buffer instanceof ArrayBuffer) buffer.transfer(0);
}

async function writeAll(handle: FileHandle, parts: readonly Uint8Array[], at: number): Promise<void> {
  const whole = parts.reduce((sum, part) => sum + part.length, 0);
  const { bytesWritten } = await handle.writev(parts as Uint8Array[], at);
  if (bytesWritten === whole) return;
  // A short write comes before the error that explains it: writing the rest brings the error, or ends the job.
  const rest = Buffer.concat(parts).subarray(bytesWritten);
  if (bytesWritten === 0) throw Object.assign(new Error("nothing could be written"), { code: "EIO" });
  await writeAll(handle, [rest], at + bytesWritten);
}

async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function onDisk<Value>(path: string, operation: () => Promise<Value>): Promise<Value> {
  try {
    return await operation();
  } catch (error) {
    throw asDiskFailure(path, error);
  }
}

function asDiskFailure(path: string, error: unknown): unknown {
  if (error instanceof Failure || !(error instanceof Error) || !("code" in error)) return error;
  switch (error.code) {
    case "ENOSPC":
      return failure("disk-full", { path }, error);
    case "EDQUOT":
      return failure("quota-used-up", { path }, error);
    case "EIO":
      return failure("disk-error", { path, operation: "write" }, error);
    case "EROFS":
      return failure("disk-read-only", { path }, error);
    case "EMFILE":
    case "ENFILE":
      return failure("too-many-open-files", { path }, error);
    case "EACCES":
    case "EPERM":
      return failure("disk-access-denied", { path, operation: "write" }, error);
    default:
      return failure("disk-refused", { path, operation: "write", error: String(error.code) }, error);
  }
}
