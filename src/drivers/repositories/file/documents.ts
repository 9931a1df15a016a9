import { createHash } from "node:crypto";
import { Failure, failure } from "../../../domain/failures/failure.ts";
import type { Bytes } from "../../../domain/size.ts";
import type { Swap } from "../../stores/store.ts";
import { splitKey } from "../object-key.ts";
import type { FolderObject, WriteCondition } from "../objects.ts";
import { codeOf, folderFailure, isMissing } from "./folder-failure.ts";
import { namesAbove, type PublishedFolder } from "./published-folder.ts";

/**
 * Documents that are changed by compare-and-swap and lie there as plain files. No call of a file system replaces a file only
 * if it is still the same; so their state is decided beside them, in `.dropship/` (docs/decisions/0011-directory-store.md),
 * and then shown: the file is replaced until it is what was decided. A writer that is killed in between leaves a file that
 * is one state behind; whoever reads or writes the document next brings it forward.
 */

export function storeKey(key: string): string {
  return `.dropship/${key.replaceAll("+", "%2B")}`;
}

/** Looks again so often while others change the document; each of them was ahead of somebody. */
const mostRounds = 50;

export async function readDocument(
  folder: PublishedFolder,
  key: string,
  limit: Bytes,
  signal: AbortSignal,
): Promise<FolderObject | undefined> {
  const decided = await folder.store.read(storeKey(key), signal);
  if (decided === undefined) return readPlain(folder, key, limit);
  try {
    return await show(folder, key, signal);
  } catch (error) {
    // Somebody who may only read sees what was decided.
    if (["EACCES", "EPERM", "EROFS"].includes(codeOf(error) ?? "")) return decided;
    throw error;
  }
}

/** What is to be written, by somebody who may stop waiting for it. */
export interface DocumentChange {
  readonly key: string;
  readonly bytes: Uint8Array;
  readonly condition: WriteCondition;
  /** False: certainly nothing was done. */
  begun: boolean;
}

export async function changeDocument(
  folder: PublishedFolder,
  change: DocumentChange,
  signal: AbortSignal,
): Promise<Swap> {
  const { key } = change;
  const swap = await decide(folder, change, signal);
  change.begun = swap.outcome !== "conflict";
  if (swap.outcome !== "swapped") return swap;
  try {
    await show(folder, key, signal);
    return swap;
  } catch (error) {
    const told = signal.aborted ? signal.reason : folderFailure(folder, `write ${key}`, error);
    if (told instanceof Failure) return { outcome: "unknown", problem: told.note };
    throw told;
  }
}

async function decide(folder: PublishedFolder, change: DocumentChange, signal: AbortSignal): Promise<Swap> {
  const { store } = folder;
  const { key, bytes, condition } = change;
  if (condition === "always") {
    change.begun = true;
    await store.put(storeKey(key), bytes, signal);
    return { outcome: "swapped", version: (await store.read(storeKey(key), signal))?.version ?? "" };
  }
  const { ifVersion } = condition;
  const known = ifVersion !== undefined && !ifVersion.startsWith(plainMark);
  // A file that nobody decided on was copied there: it counts until somebody changes it.
  if (!known && (await readPlain(folder, key, Number.POSITIVE_INFINITY))?.version !== ifVersion) {
    return { outcome: "conflict" };
  }
  change.begun = true;
  try {
    return await store.swap(storeKey(key), bytes, known ? ifVersion : undefined, signal);
  } catch (error) {
    // The store throws only when it did nothing.
    change.begun = false;
    throw error;
  }
}

/** Until the plain file is what was decided. What was removed meanwhile is not brought back. */
async function show(folder: PublishedFolder, key: string, signal: AbortSignal): Promise<FolderObject | undefined> {
  let placed = false;
  for (let round = 0; round < mostRounds; round += 1) {
    signal.throwIfAborted();
    const decided = await folder.store.read(storeKey(key), signal);
    if (decided === undefined) {
      if (placed) await removePlain(folder, key);
      return undefined;
    }
    const shown = await readPlain(folder, key, decided.bytes.length).catch(tooLarge);
    if (shown !== undefined && Buffer.compare(shown.bytes, decided.bytes) === 0) return decided;
    await place(folder, key, decided.bytes);
    placed = true;
  }
  const answer = `${key} changes faster than it can be shown`;
  throw failure("object-store-busy", { place: folder.place, answer });
}

function tooLarge(error: unknown): undefined {
  if (error instanceof Failure && error.code === "document-too-large") return undefined;
  throw error;
}

async function place({ folders, files, random }: PublishedFolder, key: string, bytes: Uint8Array): Promise<void> {
  const { name } = splitKey(key);
  await using held = await folders.make(namesAbove(key));
  const draft = `${held.path}/.${name}.${random.name()}`;
  try {
    await files.write(draft, bytes, held.look.mode & 0o666);
    await files.rename(draft, `${held.path}/${name}`);
  } catch (error) {
    await files.remove(draft).catch(() => undefined);
    throw error;
  }
  await files.sync(`${held.path}/.`);
}

async function removePlain({ folders, files }: PublishedFolder, key: string): Promise<void> {
  await using held = await folders.enter(namesAbove(key));
  if (held !== undefined) await files.remove(`${held.path}/${splitKey(key).name}`);
}

const plainMark = "sha256:";

/** The plain file, its version being a digest of it. */
export async function readPlain(folder: PublishedFolder, key: string, limit: Bytes): Promise<FolderObject | undefined> {
  const { folders, files, place } = folder;
  await using held = await folders.enter(namesAbove(key));
  const path = `${held?.path}/${splitKey(key).name}`;
  const look = held && (await files.look(path));
  if (look === undefined) return undefined;
  if (look.kind !== "file") throw failure("object-store-nonsense", { place, key, problem: "it is not a file" });
  const chunks: Uint8Array[] = [];
  let size = 0;
  try {
    for await (const chunk of files.chunks(path)) {
      size += chunk.length;
      if (size > limit) throw failure("document-too-large", { object: `${place}/${key}`, limit });
      chunks.push(chunk);
    }
  } catch (error) {
    if (isMissing(error)) return undefined;
    throw error;
  }
  const bytes = Buffer.concat(chunks);
  return { bytes, version: `${plainMark}${createHash("sha256").update(bytes).digest("hex")}` };
}
