import { type BigIntStats, constants } from "node:fs";
import { type FileHandle, lstat, open, readlink, stat } from "node:fs/promises";
import { join, resolve } from "node:path";
import { Failure, failure } from "../../domain/failures/failure.ts";
import { name } from "../../domain/options.ts";
import { type Marker, sameMarker } from "../../domain/release.ts";
import { stoppable } from "../../platform/stoppable.ts";
import { fileObjects } from "./file/object-folder.ts";
import { folderStore } from "./file/rollout-store.ts";
import { keyBelow } from "./object-key.ts";
import { type ArtifactBody, defineRepository, type Repository } from "./repository.ts";

/** Bytes read in one go: large enough that the thread-pool hop does not count. */
const partSize = 1024 * 1024;

/** A file on this machine (or on what is mounted there): the repository that needs no server. */
export const file = defineRepository({
  name: "file",
  summary: "A file on this machine, or on a file system mounted there. Needs no repo block.",
  options: {},
  artifact: {
    path: name({
      summary: "The file to follow. A relative path starts where the agent was started.",
      required: true,
      example: '"/srv/artifacts/web.tar.gz"',
    }),
  },
  create: (_options, artifact) => fileRepository(resolve(artifact.path)),
  store: (_options, artifact, ports) => folderStore(`${resolve(artifact.path)}.rollout`, ports),
  below: (artifact, key) => ({ ...artifact, path: keyBelow(artifact.path, key) }),
  objects: (_options, artifact, ports) => fileObjects(resolve(artifact.path), ports),
  target: { scheme: "file", parse: folderTarget, fromEnvironment: () => ({}) },
});

/** "/srv/web", "web", or as an address of that scheme is written: "///srv/web". */
function folderTarget(rest: string): { readonly path: string } | string {
  const path = rest.replace(/^\/\/(?:localhost)?(?=\/)/, "");
  if (path.startsWith("//")) return "a host has no place in it; write file:/FOLDER";
  return /[^/]/.test(path) ? { path } : "it names no folder";
}

function fileRepository(path: string): Repository {
  let looking: Promise<BigIntStats> | undefined;
  return {
    artifact: path,
    async check(known, signal) {
      // One look at a time: each one that hangs (a server of NFS that is gone) takes away a thread.
      looking ??= describe(path).finally(() => {
        looking = undefined;
      });
      const marker = markerOf(await stoppable(looking, signal));
      return sameMarker(known, marker) ? { outcome: "unchanged" } : { outcome: "found", marker };
    },
    open: (marker, from, signal) => openAt(path, marker, from, signal),
    close: () => undefined,
  };
}

async function describe(path: string): Promise<BigIntStats> {
  try {
    return regular(path, await stat(path, { bigint: true }));
  } catch (error) {
    throw pathFailure(path, error);
  }
}

function regular(path: string, stats: BigIntStats): BigIntStats {
  if (stats.isFile()) return stats;
  throw failure("artifact-not-a-file", { artifact: path, kind: stats.isDirectory() ? "a folder" : "a device or pipe" });
}

/**
 * Inode, size and the times of change in nanoseconds. The second time cannot be set back: it tells a file that was replaced
 * by another of the same size and age, as reproducible builds make them.
 */
function markerOf(stats: BigIntStats): Marker {
  const { ino, mtimeNs, ctimeNs, size } = stats;
  const etag = [ino, mtimeNs, ctimeNs, size].map((part) => part.toString(16)).join("-");
  return { etag, size: Number(size) };
}

async function openAt(path: string, wanted: Marker, from: number, signal: AbortSignal): Promise<ArtifactBody> {
  let handle: FileHandle | undefined;
  try {
    handle = await opened(path, signal);
    const stats = regular(path, await handle.stat({ bigint: true }));
    await refuseForeignLinks(path, handle, stats);
    const marker = markerOf(stats);
    if (!sameMarker(wanted, marker)) throw failure("artifact-changed", { artifact: path });
    const start = Math.min(from, marker.size ?? 0);
    return { from: start, marker, chunks: read(path, handle, marker, start, signal), total: marker.size ?? 0 };
  } catch (error) {
    await handle?.close();
    throw pathFailure(path, error);
  }
}

async function opened(path: string, signal: AbortSignal): Promise<FileHandle> {
  // O_NONBLOCK: a pipe in the place of the file must not hold the agent up
  const opening = open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    return await stoppable(opening, signal);
  } catch (error) {
    opening.then((late) => late.close()).catch(() => undefined);
    throw error;
  }
}

/**
 * Root follows a link of another user only to that user's own files, as the kernel does in /tmp (protected_symlinks in
 * proc_sys_fs(5)): whoever may upload could otherwise have any file of this machine published as his artifact.
 */
async function refuseForeignLinks(path: string, handle: FileHandle, { uid }: BigIntStats): Promise<void> {
  if (process.geteuid?.() !== 0) return;
  const real = await readlink(`/proc/self/fd/${handle.fd}`);
  if (real === path) return;
  const { links, end } = await walk(path);
  // Something was moved since it was opened.
  if (end !== real) throw failure("artifact-changed", { artifact: path });
  const foreign = links.find((link) => link.uid !== 0 && BigInt(link.uid) !== uid);
  if (foreign !== undefined) {
    throw failure("artifact-link-untrusted", { artifact: path, link: foreign.path, user: foreign.uid });
  }
}

/** As many as the kernel follows (path_resolution(7)). */
const mostLinks = 40;

/** The links on the way along an absolute path, and where it ends. */
async function walk(path: string) {
  const links: { readonly path: string; readonly uid: number }[] = [];
  let end = "/";
  let ahead = path.split("/");
  while (ahead.length > 0) {
    const next = join(end, ahead.shift() ?? "");
    const stats = await lstat(next);
    if (!stats.isSymbolicLink()) {
      end = next;
      continue;
    }
    if (links.push({ path: next, uid: stats.uid }) > mostLinks) break;
    const target = await readlink(next);
    if (target.startsWith("/")) end = "/";
    ahead = [...target.split("/"), ...ahead];
  }
  return { links, end };
}

/** The content from `start` on; a file that was written to meanwhile ends in "artifact-changed", never in a mixture. */
async function* read(
  path: string,
  handle: FileHandle,
  marker: Marker,
  start: number,
  signal: AbortSignal,
): AsyncGenerator<Uint8Array> {
  try {
    let at = start;
    while (at < (marker.size ?? 0)) {
      signal.throwIfAborted();
      const reading = handle.read(Buffer.allocUnsafeSlow(partSize), 0, partSize, at);
      const { bytesRead, buffer } = await stoppable(reading, signal);
      if (bytesRead === 0) break;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
    if (!sameMarker(marker, markerOf(await handle.stat({ bigint: true }))))
      throw failure("artifact-changed", { artifact: path });
  } catch (error) {
    throw pathFailure(path, error);
  } finally {
    const closing = handle.close();
    // A read that hangs is waited for by the closing.
    if (signal.aborted) closing.catch(() => undefined);
    else await closing;
  }
}

function pathFailure(path: string, error: unknown): unknown {
  if (error instanceof Failure || !(error instanceof Error) || !("code" in error)) return error;
  switch (error.code) {
    case "ENOENT":
    case "ENOTDIR":
      return failure("artifact-missing", { artifact: path }, error);
    case "EACCES":
    case "EPERM":
      return failure("artifact-unreadable", { artifact: path, reason: "permission denied" }, error);
    case "EMFILE":
    case "ENFILE":
      return failure("too-many-open-files", { path }, error);
    default:
      return failure("artifact-unreadable", { artifact: path, reason: String(error.code) }, error);
  }
}
