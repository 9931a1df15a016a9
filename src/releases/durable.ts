import { dirname } from "node:path";
import { failure } from "../domain/failures/failure.ts";
import type { Accounts, Files } from "../platform/ports.ts";
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
  const parent = dirname(place.releases);
  if (parent.endsWith("/.dropship")) await refuseUnsafe(files, accounts, parent);
  await refuseUnsafe(files, accounts, place.releases);
}

async function refuseUnsafe(files: Files, accounts: Accounts, path: string): Promise<void> {
  const look = await files.look(path);
  const reason =
    look?.kind !== "folder"
      ? "it is not a folder"
      : look.uid !== accounts.self().uid && look.uid !== 0
        ? `it belongs to the user ${look.uid}`
        : (look.mode & 0o022) !== 0
          ? "others may write there"
          : undefined;
  if (reason !== undefined) throw failure("releases-folder-unsafe", { path, reason });
}
