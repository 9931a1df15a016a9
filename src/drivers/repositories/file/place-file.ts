import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open } from "node:fs/promises";
import { failure } from "../../../domain/failures/failure.ts";
import type { HeldFolder } from "../../../platform/ports.ts";
import { splitKey } from "../object-key.ts";
import type { UploadContent, UploadOptions } from "../objects.ts";
import { isMissing } from "./folder-failure.ts";
import { namesAbove, type PublishedFolder } from "./published-folder.ts";

const stretch = 1024 * 1024;
/** The name that the file is to have, and a random one. */
const draftName = /^\.(.+)\.[0-9a-f]{32}$/;

/**
 * Brings a file there under another name, looks whether it is the content that was meant, and gives it its name when it is on
 * the disk. Drafts of pushes that were killed go when one is through.
 */
export async function placeFile(
  folder: PublishedFolder,
  key: string,
  content: UploadContent,
  { signal, onProgress }: UploadOptions,
): Promise<void> {
  const { files, random } = folder;
  const { name } = splitKey(key);
  await using held = await folder.folders.make(namesAbove(key));
  const target = `${held.path}/${name}`;
  if (await isThere(target, content, signal)) return onProgress(content.length);
  const draft = `${held.path}/.${name}.${random.name()}`;
  try {
    await copy(content, draft, held, { signal, onProgress });
    await giveName(folder, draft, target, content, signal);
  } catch (error) {
    await files.remove(draft).catch(() => undefined);
    throw error;
  }
  await files.sync(`${held.path}/.`);
  await removeDrafts(folder, held, name);
  onProgress(content.length);
}

async function giveName(
  { files }: PublishedFolder,
  draft: string,
  target: string,
  content: UploadContent,
  signal: AbortSignal,
): Promise<void> {
  try {
    await files.rename(draft, target);
  } catch (error) {
    // Another push of the same content was through first, and took this draft for one that was left behind.
    if (!isMissing(error) || !(await isThere(target, content, signal))) throw error;
  }
}

async function removeDrafts({ files }: PublishedFolder, held: HeldFolder, name: string): Promise<void> {
  const drafts = (await files.names(held.path)).filter((one) => draftName.exec(one)?.[1] === name);
  await Promise.allSettled(drafts.map((one) => files.remove(`${held.path}/${one}`)));
}

/** Removes drafts below the folder that nobody wrote to since. */
export async function removeOldDrafts(
  folder: PublishedFolder,
  names: readonly string[],
  before: number,
  signal: AbortSignal,
): Promise<void> {
  await using held = await folder.folders.enter(names);
  if (held === undefined) return;
  for (const name of await folder.files.names(held.path)) {
    signal.throwIfAborted();
    const path = `${held.path}/${name}`;
    const stats = await lstat(path).catch(() => undefined);
    if (stats?.isFile() && draftName.test(name) && stats.mtimeMs < before) await folder.files.remove(path);
  }
}

/** Never through a link, and no pipe that would be waited for. */
const readFlags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

async function isThere(target: string, { length, sha256 }: UploadContent, signal: AbortSignal): Promise<boolean> {
  const handle = await open(target, readFlags).catch((error: unknown) => {
    if (isMissing(error)) return undefined;
    throw error;
  });
  if (handle === undefined) return false;
  await using present = handle;
  const stats = await present.stat();
  if (!stats.isFile() || stats.size !== length) return false;
  const hash = createHash("sha256");
  for await (const part of stretchesOf(present, signal)) hash.update(part);
  return hash.digest("hex") === sha256;
}

async function copy(
  { file, length, sha256 }: UploadContent,
  draft: string,
  { look }: HeldFolder,
  { signal, onProgress }: UploadOptions,
): Promise<void> {
  await using source = await open(file, constants.O_RDONLY);
  await using to = await open(draft, "wx", 0o600);
  const hash = createHash("sha256");
  let done = 0;
  for await (const part of stretchesOf(source, signal)) {
    hash.update(part);
    for (let at = 0; at < part.length; ) at += (await to.write(part, at, part.length - at, done + at)).bytesWritten;
    done += part.length;
    if (done > length) break;
    onProgress(done);
  }
  if (done !== length) throw changed(file, `it has not the ${length} bytes that it had`);
  if (hash.digest("hex") !== sha256) throw changed(file, "it has another SHA-256");
  await to.chmod(look.mode & 0o666);
  await to.sync();
}

function changed(file: string, problem: string) {
  return failure("upload-source-changed", { file, problem });
}

/** Each piece is good until the next one is asked for. */
async function* stretchesOf(handle: FileHandle, signal: AbortSignal): AsyncGenerator<Uint8Array> {
  const buffer = Buffer.allocUnsafeSlow(stretch);
  for (let at = 0; ; ) {
    signal.throwIfAborted();
    const { bytesRead } = await handle.read(buffer, 0, stretch, at);
    if (bytesRead === 0) return;
    at += bytesRead;
    yield buffer.subarray(0, bytesRead);
  }
}
