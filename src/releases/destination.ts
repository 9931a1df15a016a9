import { dirname } from "node:path";
import { failure } from "../domain/failures/failure.ts";
import { removeDurably, writeDurably } from "./durable.ts";
import { besideDestination, linkedPath, linkTo, names, slot } from "./layout.ts";
import { type ReleaseRecord, seal, unseal } from "./release-record.ts";
import type { Standing } from "./release-store.ts";
import { inReleases, readRecord, type StoreContext } from "./store-context.ts";

/** In-place layout: which release the thing at the destination is a copy of. Told by its inode: a stranger has another. */
interface Mark {
  readonly id: string;
  readonly inode: string;
}

/** What stands at the destination, without finishing anything. */
export async function lookAtDestination(store: StoreContext): Promise<Standing> {
  const { files, place } = store;
  const look = await files.look(place.destination);
  if (look === undefined) return { kind: "nothing" };
  if (place.layout === "in-place") {
    const mark = await readMark(store);
    if (mark !== undefined && mark.inode === look.inode) return { kind: "copy", id: mark.id };
  }
  if (look.kind === "link") {
    const id = await linkedRelease(store);
    return id === undefined ? { kind: "foreign", what: "link" } : { kind: "release", id };
  }
  if (look.kind === "other") throw failure("not-adoptable", { path: place.destination });
  return { kind: "foreign", what: look.kind };
}

/** The release that the link at the destination leads to, if it leads to one exactly and not somewhere inside of it. */
async function linkedRelease(store: StoreContext): Promise<string | undefined> {
  const { files, place } = store;
  const below = await linkedPath(files, place, await files.linkText(place.destination));
  const id = below?.split("/")[0];
  if (below === undefined || id === undefined) return undefined;
  const record = await readRecord(store, id);
  const expected = record === undefined ? id : slot(place, record).slice(place.releases.length + 1);
  return below === expected || (record === undefined && below.split("/").length === 2) ? id : undefined;
}

/** Throws unless what stands at the destination may be replaced without asking. */
export function refuseForeign(store: StoreContext, standing: Standing): void {
  if (standing.kind !== "foreign") return;
  throw failure("destination-taken", { destination: store.place.destination, what: standing.what });
}

/** Points the destination at a release by one rename; durable when this returns. What stood there must not be a folder. */
export async function point(store: StoreContext, record: ReleaseRecord): Promise<void> {
  const { files, place } = store;
  const { incoming } = besideDestination(place);
  await files.remove(incoming);
  await files.makeLink(await linkTo(files, place, slot(place, record)), incoming);
  await files.rename(incoming, place.destination);
  await syncDestination(store);
}

export async function syncDestination(store: StoreContext): Promise<void> {
  await store.files.sync(dirname(store.place.destination));
}

async function readMark(store: StoreContext): Promise<Mark | undefined> {
  const path = inReleases(store, names.mark);
  return unseal<Mark>(await store.files.read(path), path);
}

export async function writeMark(store: StoreContext, mark: Mark): Promise<void> {
  await writeDurably(store.files, inReleases(store, names.mark), seal(mark));
}

/** Once nothing stands at the destination, a stranger's inode may be the one of the mark. */
export async function forgetMark(store: StoreContext): Promise<void> {
  await removeDurably(store.files, inReleases(store, names.mark));
}

/** The id of our release that stands at the destination. */
export function standingId(standing: Standing): string | undefined {
  return standing.kind === "release" || standing.kind === "copy" ? standing.id : undefined;
}
