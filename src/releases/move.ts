import { lookAtDestination, point, standingId, syncDestination, writeMark } from "./destination.ts";
import { removeDurably, writeDurably } from "./durable.ts";
import { besideDestination, names } from "./layout.ts";
import { isReleaseId, type ReleaseRecord, seal, staysInside, unseal } from "./release-record.ts";
import { contentIsThere, inReleases, type StoreContext, wholeRelease, writeRecord } from "./store-context.ts";

/**
 * A change of the destination that one rename cannot do. It is written down before it begins and struck out when it is
 * done, so that whoever comes after a crash can finish it or undo it without any other journal.
 */
type Move =
  /** What stands at the destination becomes this release. */
  | { readonly kind: "adopting"; readonly record: ReleaseRecord; readonly by: "move" | "link" | "copy" }
  /** In-place layout: a finished copy of this release, with this inode, is about to replace the destination. */
  | { readonly kind: "placing"; readonly id: string; readonly inode: string };

export async function beginMove(store: StoreContext, move: Move): Promise<void> {
  await writeDurably(store.files, inReleases(store, names.move), seal(move));
}

export async function endMove(store: StoreContext): Promise<void> {
  await removeDurably(store.files, inReleases(store, names.move));
}

/** Finishes or undoes the move that a crash cut short, if there is one. */
export async function settleMove(store: StoreContext): Promise<void> {
  const path = inReleases(store, names.move);
  const move = unseal<Move>(await store.files.read(path), path);
  if (move === undefined) return;
  if (!canBeOurs(move)) return endMove(store);
  if (move.kind === "adopting") await settleAdoption(store, move);
  else await settlePlacing(store, move);
  await endMove(store);
}

function canBeOurs(move: Move): boolean {
  return move.kind === "adopting" ? staysInside(move.record) : isReleaseId(move.id);
}

type Adopting = Extract<Move, { kind: "adopting" }>;

async function settleAdoption(store: StoreContext, { record, by }: Adopting): Promise<void> {
  const { files, place } = store;
  const { id } = record.release;
  await files.remove(besideDestination(place).incoming);
  const standing = await lookAtDestination(store);
  const there = await contentIsThere(store, record);
  const done = there && standingId(standing) === id;
  // What was moved has no other copy: it stays, whatever came to stand at the destination meanwhile.
  if (!done && !(there && by === "move")) return undoAdoption(store, id);
  if ((await wholeRelease(store, id)) === undefined) await writeRecord(store, record);
  if (standing.kind === "nothing") await point(store, record);
  await files.sync(place.releases);
  await syncDestination(store);
}

/** What was to be adopted stands where it stood. */
async function undoAdoption(store: StoreContext, id: string): Promise<void> {
  const { files } = store;
  await removeDurably(files, inReleases(store, names.record(id)));
  await files.remove(inReleases(store, names.staging(id)));
  await files.remove(inReleases(store, id));
}

async function settlePlacing(store: StoreContext, move: Extract<Move, { kind: "placing" }>): Promise<void> {
  const { files, place } = store;
  const { incoming, outgoing } = besideDestination(place);
  const copy = await files.look(incoming);
  if ((await files.look(place.destination)) === undefined && copy?.inode === move.inode) {
    await files.rename(incoming, place.destination);
  }
  const now = await files.look(place.destination);
  if (now === undefined && (await files.look(outgoing)) !== undefined) await files.rename(outgoing, place.destination);
  await syncDestination(store);
  if (now?.inode === move.inode) await writeMark(store, { id: move.id, inode: move.inode });
  await files.remove(incoming);
  await files.remove(outgoing);
}
