import { statfs } from "node:fs/promises";
import { release } from "node:os";
import { failure } from "../../../domain/failures/failure.ts";
import { syncFileSystem } from "../../../platform/file-system-sync.ts";
import { syncEach } from "./sync-each.ts";

/** Brings what is unpacked below a folder to disk: much of it while the unpacking runs, the rest at its end. */
export interface BringingToDisk {
  /** Something more was written. */
  more(): void;
  /** Resolves with all of it on disk. Rejects with "archive-write-failed" and the like, or with the signal's reason. */
  finish(): Promise<void>;
}

/** Others may have gigabytes to write on the same file system: we do not wait for all of theirs. */
const limit = 30_000;
/** Between the end of one sync and the begin of the next. */
const pause = 200;

/** Those whose syncfs(2) tells of every failed write (statfs.f_type): ext2 to 4, XFS, Btrfs, F2FS, tmpfs. */
const telling: ReadonlySet<number> = new Set([0xef53, 0x58465342, 0x9123683e, 0xf2f52010, 0x01021994]);

/**
 * Begins with a first sync of the whole file system: it tells whether this machine can do that, and takes other programs'
 * data and old errors out of the way; from then on each failed sync is ours to heed. Where it cannot be done, or takes too
 * long, every file is synced on its own.
 */
export function bringToDisk(folder: string, signal: AbortSignal, syncAll = syncFileSystem): BringingToDisk {
  let wholly = false;
  let problem: string | undefined;
  let busy = false;
  let running = Promise.resolve();

  async function sync(): Promise<void> {
    const end = await syncAll(folder, limit, signal);
    if (end === "late") wholly = false;
    else if (end !== "synced") problem = end.refused;
  }

  async function first(): Promise<void> {
    const type = await statfs(folder).then(
      (answer) => answer.type,
      () => undefined,
    );
    wholly = type !== undefined && syncsWhole(type, release());
    if (wholly) await sync();
    // An error from before our time, one of our own first writes, or no usable program: each file tells of itself.
    if (problem !== undefined) wholly = false;
    problem = undefined;
  }

  function start(work: () => Promise<void>): void {
    busy = true;
    running = work().finally(() =>
      setTimeout(() => {
        busy = false;
      }, pause).unref(),
    );
    // The signal's reason: whoever waits for the unpacking hears of it.
    running.catch(() => undefined);
  }

  start(first);
  return {
    more() {
      if (wholly && !busy) start(sync);
    },
    async finish() {
      await running;
      if (wholly && problem === undefined) await sync();
      if (wholly && problem === undefined) return;
      // What failed is known by its name here, if the kernel still remembers it.
      await syncEach(folder, signal);
      if (problem !== undefined) throw failure("archive-write-failed", { path: folder, reason: problem });
    },
  };
}

/** Since Linux 5.8 syncfs(2) tells of failed writes. */
export function syncsWhole(fileSystem: number, kernel: string): boolean {
  const [major = 0, minor = 0] = kernel.split(".").map(Number);
  return telling.has(fileSystem) && (major > 5 || (major === 5 && minor >= 8));
}
