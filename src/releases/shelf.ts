import { dirname } from "node:path";
import { failure } from "../domain/failures/failure.ts";
import type { Release } from "../domain/release.ts";
import { forgetMark, lookAtDestination, standingId, syncDestination } from "./destination.ts";
import { removeDurably } from "./durable.ts";
import { besideDestination, names } from "./layout.ts";
import { inReleases, readRecord, type StoreContext, wholeRelease } from "./store-context.ts";

/** The releases that are whole, oldest first. */
export async function listReleases(store: StoreContext): Promise<readonly Release[]> {
  const releases: Release[] = [];
  for (const id of await recordedIds(store)) {
    const record = await wholeRelease(store, id);
    if (record !== undefined) releases.push(record.release);
  }
  return releases.sort((one, other) => one.stagedAt - other.stagedAt || (one.id < other.id ? -1 : 1));
}

async function recordedIds(store: StoreContext): Promise<readonly string[]> {
  const found = await store.files.names(store.place.releases);
  return found.filter((name) => name.endsWith(".json") && !name.startsWith(".")).map((name) => name.slice(0, -5));
}

/** Takes a release out of sight by one rename, then deletes it: a half-deleted one is never listed. */
export async function removeRelease(store: StoreContext, id: string): Promise<void> {
  const { files, place } = store;
  if (standingId(await lookAtDestination(store)) === id) {
    throw failure("release-in-use", { id, destination: place.destination });
  }
  if (!/^[^./][^/]*$/.test(id)) throw failure("release-missing", { id, releases: place.releases });
  const doomed = inReleases(store, names.doomed(id));
  await files.remove(doomed);
  if ((await files.look(inReleases(store, id))) !== undefined) {
    await files.rename(inReleases(store, id), doomed);
    await files.sync(place.releases);
  }
  await removeDurably(files, inReleases(store, names.record(id)));
  await files.remove(doomed);
}

/** Removes what crashes and failures left behind; `keep` names the releases that are being staged. */
export async function sweepReleases(store: StoreContext, keep: ReadonlySet<string>): Promise<void> {
  const { files, place } = store;
  for (const name of await files.names(place.releases)) {
    if (await isLeftover(store, name, keep)) await files.remove(inReleases(store, name));
  }
  if ((await lookAtDestination(store)).kind === "nothing") await forgetMark(store);
  const { incoming, outgoing } = besideDestination(place);
  const left = [await files.look(incoming), await files.look(outgoing)].some((look) => look !== undefined);
  if (!left) return;
  await files.remove(incoming);
  await files.remove(outgoing);
  await syncDestination(store);
}

/** Only names that this store makes itself: whatever else lies there is somebody's. */
async function isLeftover(store: StoreContext, name: string, keep: ReadonlySet<string>): Promise<boolean> {
  const staging = /^\.staging-(.+)$/.exec(name)?.[1];
  if (staging !== undefined) return !keep.has(staging);
  if (name.startsWith(".doomed-") || name.endsWith(".json.new")) return true;
  const recorded = /^([^.].*)\.json$/.exec(name)?.[1];
  if (recorded === undefined || keep.has(recorded)) return false;
  const orphaned = (await store.files.look(inReleases(store, recorded))) === undefined;
  return orphaned && (await readRecord(store, recorded)) !== undefined;
}

/** The releases folder, or what will hold it once it is made. */
export async function nearestFolder(store: StoreContext): Promise<string> {
  let folder = store.place.releases;
  while ((await store.files.look(folder)) === undefined) folder = dirname(folder);
  return folder;
}
