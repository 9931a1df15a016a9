import { constants, type Dirent } from "node:fs";
import { open, readdir } from "node:fs/promises";
import { join } from "node:path";
import { writeFailure } from "./write-failure.ts";

/** Leaves one of the pool's four threads to the rest of the agent. */
const underWay = 3;
/** Never follows a link, never waits for the other end of a pipe. */
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

/** Syncs every file and folder at and below `folder`, one by one. Rejects with the first failure, or the signal's reason. */
export async function syncEach(folder: string, signal: AbortSignal): Promise<void> {
  const broken = new AbortController();
  const paths = walk(folder);
  const work = async () => {
    for (let next = await paths.next(); !next.done; next = await paths.next()) {
      signal.throwIfAborted();
      if (broken.signal.aborted) return;
      await syncOne(next.value);
    }
  };
  const attempt = () =>
    work().catch((error: unknown) => {
      broken.abort();
      throw error;
    });
  const ended = await Promise.allSettled(Array.from({ length: underWay }, attempt));
  for (const end of ended) if (end.status === "rejected") throw end.reason;
}

async function* walk(folder: string): AsyncGenerator<string, undefined> {
  for (const item of await itemsOf(folder)) {
    const path = join(folder, item.name);
    if (item.isDirectory()) yield* walk(path);
    else if (item.isFile()) yield path;
  }
  yield folder;
  return undefined;
}

async function itemsOf(folder: string): Promise<readonly Dirent[]> {
  try {
    return await readdir(folder, { withFileTypes: true });
  } catch (error) {
    throw writeFailure(folder, error);
  }
}

async function syncOne(path: string): Promise<void> {
  try {
    const handle = await open(path, flags);
    // One try only: after a failed fsync the kernel may call the pages clean, and a second try would lie.
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw writeFailure(path, error);
  }
}
