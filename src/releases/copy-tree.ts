import { join } from "node:path";
import { failure } from "../domain/failures/failure.ts";
import type { FileLook, Files } from "../platform/ports.ts";
import { withName } from "./durable.ts";

/** Copies a folder with modes, owners, links and file times; every file and folder is synced when this returns. */
export async function copyTree(files: Files, from: string, to: string): Promise<void> {
  const look = await files.look(from);
  switch (look?.kind) {
    case "folder":
      await files.makeFolder(to, 0o700);
      await fillFolder(files, from, to, look);
      break;
    case "file":
      await files.copyFile(from, to);
      break;
    case "link":
      await files.makeLink(await files.linkText(from), to);
      await files.setOwner(to, look.uid, look.gid);
      break;
    case "other":
      throw failure("not-adoptable", { path: from });
    // It went away while we copied: an application may tidy up its own folder.
    case undefined:
  }
}

/** Whoever owns the folder above could put a link in the place of `to` while it is filled: it is held meanwhile. */
async function fillFolder(files: Files, from: string, to: string, look: FileLook): Promise<void> {
  await using held = await files.hold(to);
  const itself = `${held.path}/.`;
  try {
    for (const name of await files.names(from)) await copyTree(files, join(from, name), join(held.path, name));
    await files.setOwner(itself, look.uid, look.gid);
    await files.setMode(itself, look.mode);
    await files.sync(itself);
  } catch (error) {
    throw withName(error, held, to);
  }
}
