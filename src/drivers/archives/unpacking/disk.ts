import fs, { constants } from "node:fs";
import type { UnpackRequest } from "../archive.ts";
import { writeFailure } from "./write-failure.ts";

/** Never follows a link and never opens what stands already. */
const newFile = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const existingFolder = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

type Wanted = Pick<UnpackRequest, "folder" | "uid" | "gid" | "mode">;

interface OpenFile {
  readonly fd: number;
  readonly path: string;
  readonly modified: number | undefined;
}

/** Writes below `folder`, which only the agent may write: every parent is a folder that this run made. */
export class Disk {
  readonly #wanted: Wanted;
  readonly #owner: Owner | undefined;
  readonly #umask = process.umask();
  readonly #folderMode: number;
  readonly #folders: string[] = [];
  readonly #links: { readonly path: string; readonly target: string }[] = [];
  #open: OpenFile | undefined;

  constructor(wanted: Wanted) {
    this.#wanted = wanted;
    this.#owner = ownerOf(wanted);
    this.#folderMode = wanted.mode === undefined ? 0o755 : withSearch(wanted.mode);
  }

  makeFolder(path: string): void {
    const place = `${this.#wanted.folder}/${path}`;
    writing(place, () => {
      fs.mkdirSync(place, this.#folderMode);
      if ((this.#folderMode & this.#umask) !== 0) fs.chmodSync(place, this.#folderMode);
    });
    this.#folders.push(place);
  }

  openFile(path: string, executable: boolean, modified: number | undefined): void {
    const place = `${this.#wanted.folder}/${path}`;
    const mode = this.#wanted.mode ?? (executable ? 0o755 : 0o644);
    writing(place, () => {
      const fd = fs.openSync(place, newFile, mode);
      this.#open = { fd, path: place, modified };
      if (this.#owner !== undefined) fs.fchownSync(fd, this.#owner.uid, this.#owner.gid);
      if ((mode & this.#umask) !== 0) fs.fchmodSync(fd, mode);
    });
  }

  write(bytes: Buffer): void {
    const file = this.#open;
    if (file === undefined) return;
    writing(file.path, () => {
      let written = 0;
      while (written < bytes.length) written += fs.writeSync(file.fd, bytes, written, bytes.length - written);
    });
  }

  closeFile(): void {
    const file = this.#open;
    if (file === undefined) return;
    this.#open = undefined;
    const { fd, path, modified } = file;
    writing(path, () => {
      try {
        if (modified !== undefined) fs.futimesSync(fd, modified, modified);
      } finally {
        fs.closeSync(fd);
      }
    });
  }

  /** Links are made last, so that no file can ever be written through one. */
  addLink(path: string, target: string): void {
    this.#links.push({ path: `${this.#wanted.folder}/${path}`, target });
  }

  /** Makes the links, and gives the folders to their owner. */
  finish(): void {
    for (const { path, target } of this.#links) {
      writing(path, () => {
        fs.symlinkSync(target, path);
        if (this.#owner !== undefined) fs.lchownSync(path, this.#owner.uid, this.#owner.gid);
      });
    }
    // Deepest first: while a folder is given away, everything above it still belongs to the agent.
    if (this.#owner === undefined) return;
    for (const path of this.#folders.sort((one, other) => depth(other) - depth(one))) giveFolder(path, this.#owner);
  }

  /** Closes what is open after a failure. */
  abandon(): void {
    if (this.#open !== undefined) fs.closeSync(this.#open.fd);
    this.#open = undefined;
  }
}

interface Owner {
  readonly uid: number;
  readonly gid: number;
}

function giveFolder(path: string, owner: Owner): void {
  writing(path, () => {
    const fd = fs.openSync(path, existingFolder);
    try {
      fs.fchownSync(fd, owner.uid, owner.gid);
    } finally {
      fs.closeSync(fd);
    }
  });
}

function writing(path: string, act: () => void): void {
  try {
    act();
  } catch (error) {
    throw writeFailure(path, error);
  }
}

function ownerOf({ uid, gid }: Wanted): Owner | undefined {
  const own = { uid: process.getuid?.() ?? -1, gid: process.getgid?.() ?? -1 };
  const owner = { uid: uid ?? own.uid, gid: gid ?? own.gid };
  return owner.uid === own.uid && owner.gid === own.gid ? undefined : owner;
}

/** A folder that may be read may be searched too. */
function withSearch(mode: number): number {
  return mode | ((mode & 0o444) >> 2);
}

function depth(path: string): number {
  return path.split("/").length;
}
