import { join } from "node:path";
import { failure } from "../domain/failures/failure.ts";
import type { Files } from "../platform/ports.ts";

/** Copies a folder with modes, owners, links and file times; every file and folder is synced when this returns. */
export async function copyTree(files: Files, from: string, to: string): Promise<void> {
  const look = await files.look(from);
  switch (look?.kind) {
    case "folder": {
      await files.makeFolder(to, 0o700);
      for (const name of await files.names(from)) await copyTree(files, join(from, name), join(to, name));
      await files.setOwner(to, look.uid, look.gid);
      await files.setMode(to, look.mode);
      await files.sync(to);
      break;
    }
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
