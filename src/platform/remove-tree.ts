import { constants } from "node:fs";
import { lstat, open, readdir, rename, rmdir, unlink } from "node:fs/promises";

/** So many folders are open at a time; what lies deeper is brought up first. */
const deepest = 64;
/** Somebody who keeps adding to what is removed does not keep us for ever. */
const mostRounds = 1000;

/** A place under the name by which it is reached, and the one that a person knows. */
interface Place {
  readonly at: string;
  readonly shown: string;
}

/**
 * Removes what stands at a path, a folder with all that is in it; nothing there is fine. The one who owns the content may
 * change it meanwhile: each folder is entered through its own descriptor, so that no link put into its place leads us out
 * of it (Node's own `rm` goes by names and follows).
 */
export async function removeTree(path: string): Promise<void> {
  const stats = await lstat(path).catch(unless(gone, undefined));
  if (stats === undefined) return;
  if (!stats.isDirectory()) return unlink(path).catch(unless(gone, undefined));
  for (let round = 1; ; round += 1) {
    await emptyFolder({ at: path, shown: path }).catch(unless(gone, undefined));
    const left = await rmdir(path)
      .then(() => false, unless(gone, false))
      .catch(unless(changed, true));
    if (!left) return;
    // With its error, if it still will not go.
    if (round === mostRounds) return rmdir(path);
  }
}

const folderFlags = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

/** `top` makes a new name in the topmost folder, for what lies too deep. */
async function emptyFolder(place: Place, depth = 1, top?: () => string): Promise<void> {
  await using handle = await naming(place, open(place.at, folderFlags));
  const inside = `/proc/self/fd/${handle.fd}`;
  let raised = 0;
  const above = top ?? (() => `${inside}/.raised-${process.pid}-${raised++}-${Date.now()}`);
  for (const entry of await naming(place, readdir(inside, { withFileTypes: true }))) {
    const child = { at: `${inside}/${entry.name}`, shown: `${place.shown}/${entry.name}` };
    await naming(child, removeEntry(child, entry.isDirectory(), depth, above)).catch(
      unless([...gone, ...changed], undefined),
    );
  }
}

async function removeEntry(child: Place, isFolder: boolean, depth: number, above: () => string): Promise<void> {
  if (!isFolder) return unlink(child.at);
  if (depth === deepest) return rename(child.at, above());
  await emptyFolder(child, depth + 1, above);
  await rmdir(child.at);
}

const gone = ["ENOENT"];
/** It became something else, or got something new, since we looked: the next round sees it as it is. */
const changed = ["ENOTEMPTY", "EEXIST", "EISDIR", "ENOTDIR", "ELOOP"];

/** Takes `value` for an error with one of these codes. */
function unless<Value>(codes: readonly string[], value: Value): (error: NodeJS.ErrnoException) => Value {
  return (error) => {
    if (codes.includes(error.code ?? "")) return value;
    throw error;
  };
}

async function naming<Value>({ shown }: Place, operation: Promise<Value>): Promise<Value> {
  try {
    return await operation;
  } catch (error) {
    const { path } = error as NodeJS.ErrnoException;
    // The innermost one knows it best.
    if (path?.startsWith("/proc/self/fd/")) Object.assign(error as object, { path: shown });
    throw error;
  }
}
