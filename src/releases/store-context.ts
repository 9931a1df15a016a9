import { join } from "node:path";
import { failure } from "../domain/failures/failure.ts";
import type { Unpack } from "../drivers/archives/archive.ts";
import type { Accounts, Clock, Files } from "../platform/ports.ts";
import { writeDurably } from "./durable.ts";
import { names, slot } from "./layout.ts";
import { isReleaseId, type ReleaseRecord, seal, staysInside, unseal } from "./release-record.ts";
import type { ReleasePlace } from "./release-store.ts";

/** What a store needs of the world. */
export interface ReleasePorts {
  readonly files: Files;
  readonly accounts: Accounts;
  readonly clock: Clock;
  readonly unpack: Unpack;
}

/** One store's place and ports, as its operations get them. */
export interface StoreContext extends ReleasePorts {
  readonly place: ReleasePlace;
}

export function inReleases(store: StoreContext, name: string): string {
  return join(store.place.releases, name);
}

/** The record of a release, whether or not the release itself is there; undefined when it is missing or damaged. */
export async function readRecord(store: StoreContext, id: string): Promise<ReleaseRecord | undefined> {
  const path = inReleases(store, names.record(id));
  const record = unseal<ReleaseRecord>(await store.files.read(path), path);
  return record !== undefined && staysInside(record) ? record : undefined;
}

export async function writeRecord(store: StoreContext, record: ReleaseRecord): Promise<void> {
  await writeDurably(store.files, inReleases(store, names.record(record.release.id)), seal(record));
}

/** The record of a release that is whole: its record is sound, and what the destination would link to is there. */
export async function wholeRelease(store: StoreContext, id: string): Promise<ReleaseRecord | undefined> {
  if (!isReleaseId(id)) return undefined;
  const record = await readRecord(store, id);
  if (record?.release.id !== id) return undefined;
  if (!(await contentIsThere(store, record))) return undefined;
  return record.content.kind === "link" && !(await leadsSomewhere(store, record.content.target)) ? undefined : record;
}

/** What an adopted link leads to is not ours: it may be gone, or come back with its file system. */
async function leadsSomewhere(store: StoreContext, target: string): Promise<boolean> {
  try {
    return (await store.files.realPath(target)) !== "";
  } catch {
    return false;
  }
}

/** Whether what the destination would link to is there, and is what the record says. */
export async function contentIsThere(store: StoreContext, record: ReleaseRecord): Promise<boolean> {
  const { content } = record;
  const path = slot(store.place, record);
  const look = await store.files.look(path);
  if (content.kind === "link") return look?.kind === "link" && (await store.files.linkText(path)) === content.target;
  return look?.kind === (content.kind === "tree" ? "folder" : "file");
}

/** The same; a release that is not whole is a failure. */
export async function demandRelease(store: StoreContext, id: string): Promise<ReleaseRecord> {
  const record = await wholeRelease(store, id);
  if (record === undefined) throw failure("release-missing", { id, releases: store.place.releases });
  return record;
}
