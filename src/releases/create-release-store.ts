import { dirname } from "node:path";
import { adoptDestination } from "./adopt.ts";
import { forgetMark, lookAtDestination, point, refuseForeign, standingId, syncDestination } from "./destination.ts";
import { onDisk } from "./disk-failures.ts";
import { makeFolders, refuseUnsafeReleases } from "./durable.ts";
import { besideDestination } from "./layout.ts";
import { settleMove } from "./move.ts";
import { makeCopy, placeCopy } from "./place-copy.ts";
import type { ReleasePlace, ReleaseStore, StageRequest, Standing } from "./release-store.ts";
import { listReleases, nearestFolder, removeRelease, sweepReleases } from "./shelf.ts";
import { publishStaged, unpackStaged } from "./stage.ts";
import { demandRelease, type ReleasePorts, type StoreContext, wholeRelease } from "./store-context.ts";

/**
 * The releases of one service on this host's disks. What changes the destination runs one at a time and first settles a
 * move that a crash cut short; the caller sees to it that no other process does the same.
 */
export function createReleaseStore(place: ReleasePlace, ports: ReleasePorts): ReleaseStore {
  const store: StoreContext = { ...ports, place };
  const inTurn = takeTurns();
  const settled = <Value>(operation: () => Promise<Value>) =>
    inTurn(() =>
      onDisk(place, async () => {
        await refuseUnsafeReleases(ports.files, ports.accounts, place);
        await settleMove(store);
        return orSettle(store, operation);
      }),
    );
  return {
    place,
    standing: () => settled(() => lookAtDestination(store)),
    list: () => onDisk(place, () => listReleases(store)),
    has: (id) => onDisk(place, async () => (await wholeRelease(store, id)) !== undefined),
    isReady: (id) => onDisk(place, () => isReady(store, id)),
    freeSpace: () => onDisk(place, async () => (await ports.files.space(await nearestFolder(store))).bytes),
    freeInodes: () => onDisk(place, async () => (await ports.files.space(await nearestFolder(store))).inodes),
    stage: (request) => stage(store, request, settled),
    adopt: (id) => settled(() => adoptDestination(store, id)),
    switchTo: (id) => settled(() => switchTo(store, id)),
    withdraw: () => settled(() => withdraw(store)),
    remove: (id) => settled(() => removeRelease(store, id)),
    sweep: (keep) => settled(() => sweepReleases(store, keep)),
  };
}

type Turn = <Value>(operation: () => Promise<Value>) => Promise<Value>;

/** Runs operations one after the other, whether or not the one before worked out. */
function takeTurns(): Turn {
  let last: Promise<unknown> = Promise.resolve();
  return (operation) => {
    const turn = last.then(operation, operation);
    last = turn.catch(() => undefined);
    return turn;
  };
}

/** Unpacking takes long and touches nobody: only what follows takes its turn. */
async function stage(store: StoreContext, request: StageRequest, settled: Turn): Promise<void> {
  const record = await onDisk(store.place, () => unpackStaged(store, request));
  if (record === undefined) return;
  await settled(async () => publishStaged(store, record, standingId(await lookAtDestination(store))));
}

/** A move that failed on the way is finished or undone at once if the disk lets us, else by the next operation. */
async function orSettle<Value>(store: StoreContext, operation: () => Promise<Value>): Promise<Value> {
  try {
    return await operation();
  } catch (error) {
    await settleMove(store).catch(() => undefined);
    throw error;
  }
}

/** Whoever staged it may have died before its name was on the disk: nothing may lead to what a power cut takes away. */
async function isReady(store: StoreContext, id: string): Promise<boolean> {
  if ((await wholeRelease(store, id)) === undefined) return false;
  await store.files.sync(store.place.releases);
  return true;
}

async function switchTo(store: StoreContext, id: string): Promise<void> {
  const record = await demandRelease(store, id);
  await makeFolders(store.files, dirname(store.place.destination));
  const standing = await lookAtDestination(store);
  refuseForeign(store, standing);
  if (standingId(standing) === id && (standing.kind === "copy") === (store.place.layout === "in-place")) {
    return syncDestination(store);
  }
  if (store.place.layout === "symlink") return point(store, record);
  await makeCopy(store, record);
  // Copying takes its time; somebody may have put something there.
  refuseForeign(store, await lookAtDestination(store));
  await placeCopy(store, record);
}

async function withdraw(store: StoreContext): Promise<void> {
  const { files, place } = store;
  const standing: Standing = await lookAtDestination(store);
  refuseForeign(store, standing);
  if (standing.kind === "nothing") return;
  const { outgoing } = besideDestination(place);
  await files.remove(outgoing);
  await files.rename(place.destination, outgoing);
  await syncDestination(store);
  await forgetMark(store);
  await files.remove(outgoing);
}
