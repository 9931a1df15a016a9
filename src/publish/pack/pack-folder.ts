import { createHash } from "node:crypto";
import { dirname, relative } from "node:path";
import { shownName } from "../../domain/archive-names.ts";
import { failure } from "../../domain/failures/failure.ts";
import type { PrepareRequest } from "./artifact.ts";
import { compress } from "./compress.ts";
import { type HeldTree, holdTree } from "./held-tree.ts";
import { ignoreRulesOf } from "./ignore-file.ts";
import { type ListRequest, listTree, type TreeListing } from "./list-tree.ts";
import type { ScratchFile } from "./scratch-file.ts";
import { sourceFailure } from "./source-failure.ts";
import { tarPieces } from "./tar-pieces.ts";
import type { TreeEntry } from "./tree-entry.ts";

/** What a folder became. */
export interface PackedFolder {
  readonly listing: TreeListing;
  /** SHA-256 of the tar, in hex. */
  readonly tree: string;
}

/**
 * Packs a folder so that equal content gives equal bytes, whenever, wherever and by whom it is done. What is published is
 * the folder as it was at one moment: a change of it meanwhile is "source-changed".
 */
export async function packFolder(folder: string, into: ScratchFile, request: PrepareRequest): Promise<PackedFolder> {
  using held = hold(folder, request.source);
  const rules = ignoreRulesOf(held, request.source, request.ignoreFile);
  const listRequest = { rules, limits: request.limits, signal: request.signal };
  const listing = await listTree(held, listRequest);
  refuseUnlessPublishable(listing, request);
  refuseScratchInside(listing, folder, into, request);
  const tree = createHash("sha256");
  const pieces = watched(tarPieces(held, listing.entries), (piece, done) => {
    request.signal.throwIfAborted();
    tree.update(piece);
    request.onProgress({ step: "packing", done, total: listing.tarBytes });
  });
  await compress(request.format, listing.tarBytes, pieces, into.write);
  await mustBeUnchanged(held, listRequest, listing);
  return { listing, tree: tree.digest("hex") };
}

function hold(folder: string, shown: string): HeldTree {
  try {
    return holdTree(folder);
  } catch (error) {
    throw sourceFailure(shown, error);
  }
}

function refuseUnlessPublishable({ entries, leftOut, refused }: TreeListing, request: PrepareRequest): void {
  const { source } = request;
  const [first] = refused;
  if (first !== undefined) {
    request.onRefused(refused);
    throw failure("source-refused", { source, problems: refused.length, first: first.sentence });
  }
  if (entries.length === 0) throw failure("source-empty", { source, leftOut: leftOut.length });
}

function refuseScratchInside(listing: TreeListing, folder: string, into: ScratchFile, request: PrepareRequest): void {
  const path = relative(folder, dirname(into.path));
  if (!listing.entries.some((entry) => entry.path === path)) return;
  throw failure("scratch-inside", { folder: request.scratch, source: request.source });
}

function* watched(pieces: Iterable<Buffer>, watch: (piece: Buffer, done: number) => void): Generator<Buffer> {
  let done = 0;
  for (const piece of pieces) {
    done += piece.length;
    watch(piece, done);
    yield piece;
  }
}

/** Lists it once more: only if nothing differs, all that was packed stood there at one time. */
async function mustBeUnchanged(held: HeldTree, request: ListRequest, listing: TreeListing): Promise<void> {
  const after = await listTree(held, request);
  const [refused] = after.refused;
  if (refused !== undefined) throw failure("source-changed", { path: refused.path, change: "changed" });
  const before = new Map(listing.entries.map((entry) => [entry.path, entry]));
  for (const entry of after.entries) {
    const known = before.get(entry.path);
    if (known === undefined) throw changed(entry, "appeared");
    if (!same(known, entry)) throw changed(entry, "changed");
    before.delete(entry.path);
  }
  for (const gone of before.values()) throw changed(gone, "went away");
}

function same(one: TreeEntry, other: TreeEntry): boolean {
  return one.kind === other.kind && one.stamp === other.stamp && one.target === other.target;
}

function changed({ path }: TreeEntry, change: string): Error {
  return failure("source-changed", { path: shownName(path), change });
}
