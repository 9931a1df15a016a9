import { lstat, realpath } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { failure } from "../../domain/failures/failure.ts";
import { formatSize } from "../../domain/size.ts";
import type { Unpacked, UnpackRequest } from "../../drivers/archives/archive.ts";
import { archives } from "../../drivers/archives/registry.ts";
import { unpack } from "../../drivers/archives/unpacking/unpack.ts";
import type { PreparedArtifact, PrepareRequest } from "./artifact.ts";
import { copySource } from "./copy-source.ts";
import { type PackedFolder, packFolder } from "./pack-folder.ts";
import { createScratchFile } from "./scratch-file.ts";
import { sourceFailure } from "./source-failure.ts";

/**
 * Makes an artifact of a folder or a file, all that push does before it talks to a store, and has the agents' own reader
 * judge it. Throws a failure ("source-…", "scratch-…", and what agents say: "archive-…", "download-too-long"), or the signal's
 * reason; nothing stays behind then.
 */
export async function prepareArtifact(request: PrepareRequest): Promise<PreparedArtifact> {
  const source = await locate(request.source);
  await using scratch = new AsyncDisposableStack();
  const file = scratch.use(await createScratchFile(request.scratch));
  const packed = source.isFolder ? await packFolder(source.path, file, request) : undefined;
  if (!source.isFolder) await copySource(source.path, file, request);
  const measured = await file.finish();
  // The name of a folder says nothing of the archive that it becomes.
  const fileName = source.isFolder ? "artifact" : basename(resolve(request.source));
  const judged = await judge({ file: file.path, fileName }, measured.length, request);
  if (packed !== undefined) mustBeWhatWasPacked(packed, judged, request);
  const kept = scratch.move();
  return {
    file: file.path,
    ...measured,
    format: judged.format,
    unpacked: judged.bytes,
    entries: judged.entries,
    ...(judged.format === "file" && { name: fileName }),
    contentType: archives.find(judged.format)?.contentTypes[0] ?? "application/octet-stream",
    leftOut: packed?.listing.leftOut ?? [],
    ...(packed !== undefined && { tree: packed.tree }),
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

/** A link is followed here: it is what a person named. */
async function locate(source: string): Promise<{ readonly path: string; readonly isFolder: boolean }> {
  try {
    const path = await realpath(source);
    const stats = await lstat(path);
    if (stats.isDirectory() || stats.isFile()) return { path, isFolder: stats.isDirectory() };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") throw failure("source-missing", { source }, error);
    throw sourceFailure(source, error);
  }
  throw failure("source-unfit", { source, what: "a socket, a pipe or a device" });
}

async function judge(
  artifact: Pick<UnpackRequest, "file" | "fileName">,
  length: number,
  request: PrepareRequest,
): Promise<Unpacked> {
  const { source, limits, signal, onProgress } = request;
  if (length > limits.unpackedSize) {
    throw failure("download-too-long", { artifact: source, limit: formatSize(limits.unpackedSize) });
  }
  const asAgents = { ...artifact, folder: "", contentTypeOverrules: false, limits, sync: false, judgeOnly: true };
  return unpack(asAgents, signal, (done) => onProgress({ step: "checking", done, total: length }));
}

function mustBeWhatWasPacked({ listing }: PackedFolder, judged: Unpacked, { format }: PrepareRequest): void {
  const { entries, bytes } = listing;
  if (judged.format === format && judged.entries === entries.length && judged.bytes === bytes) return;
  throw failure("unexpected", { message: `the packed ${format} reads as ${JSON.stringify(judged)}` });
}
