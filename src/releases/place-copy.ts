import { copyTree } from "./copy-tree.ts";
import { syncDestination, writeMark } from "./destination.ts";
import { besideDestination, slot } from "./layout.ts";
import { beginMove, endMove } from "./move.ts";
import type { ReleaseRecord } from "./release-record.ts";
import type { StoreContext } from "./store-context.ts";

/** In-place layout: makes a synced copy of the release beside the destination. It may take a while and disturbs nobody. */
export async function makeCopy(store: StoreContext, record: ReleaseRecord): Promise<void> {
  const { files, place } = store;
  const { incoming } = besideDestination(place);
  await files.remove(incoming);
  if (record.content.kind === "link") await files.makeLink(record.content.target, incoming);
  else await copyTree(files, slot(place, record), incoming);
  await syncDestination(store);
}

/** Puts the copy in the place of what stands at the destination, and takes that away. */
export async function placeCopy(store: StoreContext, record: ReleaseRecord): Promise<void> {
  const { files, place } = store;
  const { id } = record.release;
  const { incoming, outgoing } = besideDestination(place);
  const inode = (await files.look(incoming))?.inode ?? "";
  await files.remove(outgoing);
  await beginMove(store, { kind: "placing", id, inode });
  const occupied = (await files.look(place.destination)) !== undefined;
  if (!occupied) await files.rename(incoming, place.destination);
  else if (!(await files.exchange(incoming, place.destination))) {
    await files.rename(place.destination, outgoing);
    await files.rename(incoming, place.destination);
  }
  await syncDestination(store);
  await writeMark(store, { id, inode });
  await endMove(store);
  await files.remove(incoming);
  await files.remove(outgoing);
}
