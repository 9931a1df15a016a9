import { basename, join } from "node:path";
import { failure } from "../domain/failures/failure.ts";
import type { Unpacked } from "../drivers/archives/archive.ts";
import { holdReleasesFolder, prepareReleasesFolder, withName } from "./durable.ts";
import { names } from "./layout.ts";
import { type Owner, resolveOwner } from "./owner.ts";
import type { ReleaseContent, ReleaseRecord } from "./release-record.ts";
import type { StageRequest } from "./release-store.ts";
import { inReleases, type StoreContext, wholeRelease, writeRecord } from "./store-context.ts";

/** Unpacks into a staging folder that only the agent may enter. Undefined: the release is there already. */
export async function unpackStaged(store: StoreContext, request: StageRequest): Promise<ReleaseRecord | undefined> {
  const { files, place } = store;
  const { id } = request.release;
  if (await wholeRelease(store, id)) return undefined;
  if (request.fileName !== basename(request.fileName) || /^\.{0,2}$/.test(request.fileName)) {
    throw failure("artifact-name-unusable", { name: request.fileName });
  }
  const owner = await resolveOwner(store.accounts, request.owner, request.group);
  await prepareReleasesFolder(files, store.accounts, place);
  await using held = await holdReleasesFolder(files, store.accounts, place);
  const folder = join(held.path, names.staging(id));
  try {
    await files.remove(folder);
    await files.makeFolder(folder, 0o700);
    const unpacked = await unpackInto(store, folder, request, owner);
    await dressTop(store, folder, request, owner);
    request.signal.throwIfAborted();
    return { release: request.release, content: contentOf(unpacked, request) };
  } catch (error) {
    await discard(store, folder);
    throw withName(error, held, place.releases);
  }
}

/**
 * Makes what was staged a release: first its record, then the one rename that brings it into sight. When the destination
 * stands on this very release already (its record was lost), only the record is written: what runs is never touched.
 */
export async function publishStaged(store: StoreContext, record: ReleaseRecord, current?: string): Promise<void> {
  const { files, place } = store;
  const { id } = record.release;
  const staged = inReleases(store, names.staging(id));
  if (id === current && (await files.look(inReleases(store, id))) !== undefined) {
    await writeRecord(store, record);
    await files.remove(staged);
    return;
  }
  try {
    await discardDamaged(store, id);
    await writeRecord(store, record);
    await files.rename(staged, inReleases(store, id));
    await files.sync(place.releases);
  } catch (error) {
    // A folder that could not be synced may be gone after a power cut: it must not count as staged.
    await discard(store, inReleases(store, names.record(id)));
    await discard(store, staged);
    await discardWhole(store, id);
    throw error;
  }
}

/**
 * Out of sight first, by one rename that is on the disk: where the record could not be removed, a half-deleted folder would
 * count as a release.
 */
async function discardWhole(store: StoreContext, id: string): Promise<void> {
  const { files, place } = store;
  const doomed = inReleases(store, names.doomed(id));
  try {
    if ((await files.look(inReleases(store, id))) === undefined) return;
    await files.remove(doomed);
    await files.rename(inReleases(store, id), doomed);
    await files.sync(place.releases);
    await files.remove(doomed);
  } catch {
    // What could not be hidden is still whole; the sweep removes what could.
  }
}

/** A release whose record was lost is not put to use again: its content cannot be vouched for. */
async function discardDamaged(store: StoreContext, id: string): Promise<void> {
  const { files } = store;
  if ((await files.look(inReleases(store, id))) === undefined) return;
  const doomed = inReleases(store, names.doomed(id));
  await files.remove(doomed);
  await files.rename(inReleases(store, id), doomed);
  await files.remove(doomed);
}

function unpackInto(store: StoreContext, folder: string, request: StageRequest, owner: Owner): Promise<Unpacked> {
  const { file, contentType, contentTypeOverrules, fileName, limits, mode, modified } = request;
  const wish = {
    file,
    folder,
    contentTypeOverrules,
    fileName,
    limits,
    sync: true,
    ...owner,
    ...(contentType !== undefined && { contentType }),
    ...(mode !== undefined && { mode }),
    ...(modified !== undefined && { modified }),
  };
  return store.unpack(wish, request.signal, request.onProgress);
}

/** The release's own folder gets owner and mode last: until then nobody else may look inside. */
async function dressTop(store: StoreContext, folder: string, request: StageRequest, owner: Owner): Promise<void> {
  const { files } = store;
  if (owner.uid !== undefined || owner.gid !== undefined) {
    const self = store.accounts.self();
    await files.setOwner(folder, owner.uid ?? self.uid, owner.gid ?? self.gid);
  }
  await files.setMode(folder, request.mode === undefined ? 0o755 : folderMode(request.mode));
  await files.sync(folder);
}

/** Who may read a folder may also enter it. */
function folderMode(mode: number): number {
  return mode | ((mode & 0o444) >> 2);
}

function contentOf(unpacked: Unpacked, request: StageRequest): ReleaseContent {
  return unpacked.format === "file" ? { kind: "file", name: request.fileName } : { kind: "tree" };
}

/** Cleans up as far as the disk lets us; the sweep finds what it does not. The failure that led here is the one to tell. */
async function discard(store: StoreContext, path: string): Promise<void> {
  try {
    await store.files.remove(path);
  } catch {
    // A disk that failed once may refuse this as well.
  }
}
