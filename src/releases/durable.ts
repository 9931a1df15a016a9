import { basename, dirname, join } from "node:path";
import { Failure, failure } from "../domain/failures/failure.ts";
import type { Accounts, FileLook, Files, HeldFolder } from "../platform/ports.ts";
import type { ReleasePlace } from "./release-store.ts";

/** Puts a whole new file in the place of an old one: after a crash at any moment one of the two is there. */
export async function writeDurably(files: Files, path: string, text: string): Promise<void> {
  const unfinished = `${path}.new`;
  await files.remove(unfinished);
  try {
    await files.write(unfinished, text, 0o600);
    await files.rename(unfinished, path);
  } catch (error) {
    await files.remove(unfinished).catch(() => undefined);
    throw error;
  }
  await files.sync(dirname(path));
}

/** Removes what stands there; it does not come back after a power cut. */
export async function removeDurably(files: Files, path: string): Promise<void> {
  if ((await files.look(path)) === undefined) return;
  await files.remove(path);
  await files.sync(dirname(path));
}

/** Makes a folder and those above it that are missing, each readable by everybody and each synced into the one above. */
export async function makeFolders(files: Files, path: string): Promise<void> {
  if ((await files.look(path)) !== undefined) return;
  await makeFolders(files, dirname(path));
  try {
    await files.makeFolder(path, 0o755);
  } catch (error) {
    // Another service with the same parent was quicker.
    if ((error as { code?: string }).code !== "EEXIST" || (await files.look(path))?.kind !== "folder") throw error;
  }
  await files.sync(dirname(path));
}

/**
 * Makes the releases folder. Others may pass through it (the application runs from inside), but whoever could write there
 * would choose what root unpacks over and what the application runs.
 */
export async function prepareReleasesFolder(files: Files, accounts: Accounts, place: ReleasePlace): Promise<void> {
  await makeFolders(files, dirname(place.destination));
  await makeFolders(files, place.releases);
  await refuseUnsafeReleases(files, accounts, place);
  // An earlier attempt may have made them and have failed, or died, before their names were on the disk.
  for (const path of ownFolders(place)) await syncName(files, path);
}

/** A folder that may not be read was not made by us, nor was what stands in it. */
async function syncName(files: Files, path: string): Promise<void> {
  try {
    await files.sync(dirname(path));
  } catch (error) {
    if ((error as { code?: string }).code !== "EACCES") throw error;
  }
}

function ownFolders({ releases }: ReleasePlace): readonly string[] {
  const parent = dirname(releases);
  return parent.endsWith("/.dropship") ? [parent, releases] : [releases];
}

/** Whoever could write there could also tell us of moves that were never begun, and have root end or undo them. */
export async function refuseUnsafeReleases(files: Files, accounts: Accounts, place: ReleasePlace): Promise<void> {
  for (const path of ownFolders(place)) {
    const look = await files.look(path);
    if (look === undefined) return;
    const reason = unsafeReason(look, accounts);
    if (reason !== undefined) throw failure("releases-folder-unsafe", { path, reason });
  }
}

/**
 * Holds the releases folder for work in it. Its owner is checked once more on what is held: whoever owns the destination's
 * folder can put something else in the place of a name between a look at it and its use.
 */
export async function holdReleasesFolder(files: Files, accounts: Accounts, place: ReleasePlace): Promise<HeldFolder> {
  const { releases } = place;
  const parent = dirname(releases);
  if (!parent.endsWith("/.dropship")) return holdSafe(files, accounts, releases, releases);
  await using above = await holdSafe(files, accounts, parent, parent);
  return await holdSafe(files, accounts, join(above.path, basename(releases)), releases);
}

/** `shown`: its name for a person. */
async function holdSafe(files: Files, accounts: Accounts, path: string, shown: string): Promise<HeldFolder> {
  const held = await files.hold(path);
  const reason = unsafeReason(held.look, accounts);
  if (reason === undefined) return held;
  await held[Symbol.asyncDispose]();
  throw failure("releases-folder-unsafe", { path: shown, reason });
}

function unsafeReason(look: FileLook, accounts: Accounts): string | undefined {
  if (look.kind !== "folder") return "it is not a folder";
  if (look.uid !== accounts.self().uid && look.uid !== 0) return `it belongs to the user ${look.uid}`;
  return (look.mode & 0o022) === 0 ? undefined : "others may write there";
}

/** The error, telling a person the name of a folder and not how it was held. */
export function withName(error: unknown, { path: held }: HeldFolder, name: string): unknown {
  if (error instanceof Failure) {
    const { code, message, remedy, cause } = error;
    return new Failure(code, message.replaceAll(held, name), remedy.replaceAll(held, name), cause);
  }
  if (error instanceof Error) {
    const places = Object.entries(error).filter(([key]) => key === "path" || key === "dest");
    for (const [key, place] of places) Object.assign(error, { [key]: String(place).replace(held, name) });
  }
  return error;
}
