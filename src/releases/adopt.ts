import { createHash, type Hash } from "node:crypto";
import { basename, dirname, join, resolve } from "node:path";
import { failure } from "../domain/failures/failure.ts";
import type { Release } from "../domain/release.ts";
import type { FileLook } from "../platform/ports.ts";
import { copyTree } from "./copy-tree.ts";
import { lookAtDestination, point, standingId, syncDestination, writeMark } from "./destination.ts";
import { prepareReleasesFolder } from "./durable.ts";
import { besideDestination, linkTo, names, slot } from "./layout.ts";
import { beginMove, endMove } from "./move.ts";
import type { ReleaseContent, ReleaseRecord } from "./release-record.ts";
import { demandRelease, inReleases, type StoreContext, writeRecord } from "./store-context.ts";

/**
 * Makes a release of what stands at the destination. A folder or file is moved into the releases folder (copied for the
 * in-place layout); of a foreign link only its target is kept, for what it leads to is not ours to move.
 */
export async function adoptDestination(store: StoreContext, id: string): Promise<Release> {
  const { files, place } = store;
  const standing = await lookAtDestination(store);
  const ours = standingId(standing);
  if (ours !== undefined) return (await demandRelease(store, ours)).release;
  const look = await files.look(place.destination);
  if (look === undefined) throw failure("nothing-to-adopt", { destination: place.destination });
  await prepareReleasesFolder(files, store.accounts, place);
  const by = look.kind === "link" ? "link" : place.layout === "in-place" ? "copy" : "move";
  if (by === "move") await refuseOtherFileSystem(store, look);
  const record = await describe(store, id, look);
  await beginMove(store, { kind: "adopting", record, by });
  await writeRecord(store, record);
  if (by === "move") await moveIn(store, record);
  else await keepCopy(store, record, look);
  await endMove(store);
  return record.release;
}

/** The two cannot be told apart by the rename alone: it says EXDEV or EBUSY when the record is written already. */
async function refuseOtherFileSystem(store: StoreContext, look: FileLook): Promise<void> {
  const { files, place } = store;
  const { destination, releases } = place;
  if (look.device !== (await files.look(dirname(await files.realPath(destination))))?.device) {
    throw failure("destination-mounted", { destination });
  }
  if (look.device !== (await files.look(releases))?.device)
    throw failure("other-file-system", { destination, releases });
}

/**
 * The link that the destination will be is made in the place where the content will be; then the two change places in one
 * step. Where the machine cannot swap, two renames do it: the destination is missing for the instant between them.
 */
async function moveIn(store: StoreContext, record: ReleaseRecord): Promise<void> {
  const { files, place } = store;
  const path = slot(place, record);
  if (record.content.kind === "file") await files.makeFolder(dirname(path), 0o755);
  const text = await linkTo(files, place, path);
  await files.makeLink(text, path);
  await files.sync(place.releases);
  if (!(await files.exchange(place.destination, path))) {
    const { incoming } = besideDestination(place);
    await files.remove(path);
    await files.remove(incoming);
    await files.makeLink(text, incoming);
    await files.rename(place.destination, path);
    await files.rename(incoming, place.destination);
  }
  await files.sync(dirname(path));
  await syncDestination(store);
}

/** The destination stays what it is; the release is a copy of it (or a link to the same target). */
async function keepCopy(store: StoreContext, record: ReleaseRecord, look: FileLook): Promise<void> {
  const { files, place } = store;
  const { id } = record.release;
  const staging = inReleases(store, names.staging(id));
  await files.remove(staging);
  if (record.content.kind === "link") await files.makeLink(record.content.target, staging);
  else if (record.content.kind === "tree") await copyTree(files, place.destination, staging);
  else {
    await files.makeFolder(staging, 0o755);
    await files.copyFile(place.destination, join(staging, record.content.name));
    await files.sync(staging);
  }
  await files.rename(staging, inReleases(store, id));
  await files.sync(place.releases);
  if (place.layout === "in-place") await writeMark(store, { id, inode: look.inode });
  else await point(store, record);
}

async function describe(store: StoreContext, id: string, look: FileLook): Promise<ReleaseRecord> {
  const { files, place } = store;
  const release = { id, stagedAt: store.clock.wall() };
  if (look.kind === "file") {
    const hash = createHash("sha256");
    for await (const chunk of files.chunks(place.destination)) hash.update(chunk);
    return {
      release: { ...release, digest: hash.digest("hex"), size: look.size },
      content: { kind: "file", name: basename(place.destination) },
    };
  }
  const listing = createHash("sha256").update(`adopted\n${place.destination}\n${release.stagedAt}\n`);
  const size = look.kind === "folder" ? await listTree(store, place.destination, listing) : 0;
  const content: ReleaseContent =
    look.kind === "folder"
      ? { kind: "tree" }
      : {
          kind: "link",
          target: resolve(await files.realPath(dirname(place.destination)), await files.linkText(place.destination)),
        };
  return { release: { ...release, digest: listing.digest("hex"), size }, content };
}

/** More entries than this are not looked at. */
const listingLimit = 20_000;

/**
 * Adds up a folder's files and feeds what they are called, and how large they are, into the hash. The digest of an adopted
 * folder has to be unlike any other and no more: an artifact's digest is that of its archive, so the two never compare.
 * Reading every byte of a large application would hold up its first update for nothing.
 */
async function listTree(store: StoreContext, top: string, listing: Hash): Promise<number> {
  const waiting = [top];
  let size = 0;
  for (let seen = 0; seen < listingLimit; seen += 1) {
    const path = waiting.pop();
    if (path === undefined) break;
    const look = await store.files.look(path);
    listing.update(`${path}\0${look?.kind}\0${look?.mode}\0${look?.size}\n`);
    if (look?.kind === "file") size += look.size;
    if (look?.kind === "folder") {
      for (const name of (await store.files.names(path)).toSorted()) waiting.push(join(path, name));
    }
  }
  return size;
}
