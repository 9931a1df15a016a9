import { ArchiveTree } from "../../../domain/archive-tree.ts";
import type { UnpackRequest } from "../archive.ts";
import { Disk } from "./disk.ts";
import type { EntrySink } from "./tar-reader.ts";

/** Where entries come down: judged by the rules first, then written. */
export interface Landing extends EntrySink {
  /** After the last entry. */
  finish(): Landed;
  /** Closes what is open after a failure; what was written stays. */
  abandon(): void;
}

export interface Landed {
  readonly entries: number;
  readonly bytes: number;
}

export function landing(request: UnpackRequest): Landing {
  const tree = new ArchiveTree(request.limits);
  const target: Place = request.judgeOnly ? nowhere : new Disk(request);
  let entries = 0;
  let bytes = 0;
  return {
    begin(entry) {
      const { path, missing, isNew } = tree.admit(entry);
      entries += 1;
      for (const folder of missing) target.makeFolder(folder);
      if (!isNew) return;
      if (entry.kind === "directory") target.makeFolder(path);
      else if (entry.kind === "symlink") target.addLink(path, entry.target);
      else target.openFile(path, entry.executable, entry.modified || (request.modified ?? entry.modified));
    },
    data(part) {
      bytes += part.length;
      target.write(part);
    },
    end: () => target.closeFile(),
    finish() {
      tree.close();
      target.finish();
      return { entries, bytes };
    },
    abandon: () => target.abandon(),
  };
}

type Place = Pick<Disk, "makeFolder" | "openFile" | "write" | "closeFile" | "addLink" | "finish" | "abandon">;

/** For an archive that is only judged. */
const nowhere: Place = {
  makeFolder: () => undefined,
  openFile: () => undefined,
  write: () => undefined,
  closeFile: () => undefined,
  addLink: () => undefined,
  finish: () => undefined,
  abandon: () => undefined,
};
