import { type Disk, type Inode, systemError } from "./disk.ts";
import { realPath } from "./files.ts";

/**
 * What an artifact is in this world: a few files, each of which says whose part it is, so that anybody can see whether a tree is
 * whole. The packed artifact is one file that says what it holds.
 */
const parts = 3;

export const foreign = "foreign";

export function packed(digest: string): string {
  return `packed ${digest}`;
}

/** The digest that a packed artifact holds. */
export function packedIn(text: string): string {
  return text.slice("packed ".length);
}

/** Path below the release's folder, and content, in the order in which they are unpacked. */
export function partsOf(digest: string): readonly { readonly path: string; readonly text: string }[] {
  return Array.from({ length: parts }, (_, place) => ({
    path: place === 0 ? "lib/code" : `part-${place}`,
    text: `${digest} ${place}`,
  }));
}

/** Whose content stands at a path, if it is whole; "foreign" for what somebody else put there; undefined for anything else. */
export function contentAt(disk: Disk, path: string): string | undefined {
  try {
    return contentOf(disk.find(realPath(disk, path)));
  } catch (thrown) {
    if (thrown instanceof Error && "syscall" in thrown) return undefined;
    throw thrown;
  }
}

function contentOf(folder: Inode | undefined): string | undefined {
  if (folder?.kind !== "folder") return undefined;
  if (folder.names.get(foreign)?.text === foreign) return foreign;
  const digest = folder.names.get("part-1")?.text.split(" ")[0];
  if (digest === undefined || digest === "") return undefined;
  const whole = partsOf(digest).every(({ path, text }) => textBelow(folder, path) === text);
  return whole ? digest : undefined;
}

function textBelow(folder: Inode, path: string): string | undefined {
  let at: Inode | undefined = folder;
  for (const name of path.split("/")) at = at?.names.get(name);
  return at?.text;
}

/** Puts content there at once, on the disk for certain: what was there before the world began. */
export function place(disk: Disk, path: string, digest: string): void {
  const files = digest === foreign ? [{ path: foreign, text: foreign }] : partsOf(digest);
  for (const { path: below, text } of files) placeFile(disk, `${path}/${below}`, text);
}

export function placeFile(disk: Disk, path: string, text: string): void {
  const folders = path.split("/").slice(1, -1);
  let folder = disk.root;
  for (const name of folders) {
    const known = folder.names.get(name);
    const below = known ?? disk.make("folder");
    if (known === undefined) disk.change([{ folder, name, inode: below }]);
    disk.sync(folder);
    folder = below;
  }
  if (folder.kind !== "folder") throw systemError("ENOTDIR", path);
  const inode = disk.make("file", text);
  disk.change([{ folder, name: path.slice(path.lastIndexOf("/") + 1), inode }]);
  disk.sync(inode);
  disk.sync(folder);
}
