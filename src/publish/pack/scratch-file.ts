import { createHash, type Hash } from "node:crypto";
import { type FileHandle, mkdtemp, open, realpath, rm } from "node:fs/promises";
import { join } from "node:path";
import { getSystemErrorMessage } from "node:util";
import { type Failure, failure } from "../../domain/failures/failure.ts";

/** A new file in a folder for its owner alone. Disposing of it removes both. */
export interface ScratchFile extends AsyncDisposable {
  readonly path: string;
  /** Throws "scratch-full". */
  write(bytes: Uint8Array): Promise<void>;
  /** Closes the file and says what it holds. */
  finish(): Promise<Measured>;
}

/** Digests in hex. */
export interface Measured {
  readonly length: number;
  readonly sha256: string;
  readonly md5: string;
}

/** Throws "scratch-full" and "scratch-unusable". */
export async function createScratchFile(scratch: string): Promise<ScratchFile> {
  const attempt = inScratch(scratch);
  const folder = await attempt(async () => mkdtemp(join(await realpath(scratch), "dropship-push-")));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const path = join(folder, "artifact");
    const handle = await attempt(() => open(path, "wx", 0o600));
    return scratchFile(path, handle, attempt, remove);
  } catch (error) {
    await remove();
    throw error;
  }
}

function scratchFile(path: string, handle: FileHandle, attempt: Attempt, remove: () => Promise<void>): ScratchFile {
  const hashes: readonly [Hash, Hash] = [createHash("sha256"), createHash("md5")];
  let length = 0;
  return {
    path,
    async write(bytes) {
      for (const hash of hashes) hash.update(bytes);
      await attempt(() => writeWhole(handle, bytes));
      length += bytes.length;
    },
    async finish() {
      // A network disk tells only now what could not be written.
      await attempt(() => handle.close());
      const [sha256, md5] = hashes;
      return { length, sha256: sha256.digest("hex"), md5: md5.digest("hex") };
    },
    async [Symbol.asyncDispose]() {
      await handle.close().catch(() => undefined);
      await remove();
    },
  };
}

async function writeWhole(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await handle.write(bytes, done, bytes.length - done)).bytesWritten;
  }
}

type Attempt = <Value>(act: () => Promise<Value>) => Promise<Value>;

function inScratch(folder: string): Attempt {
  return async (act) => {
    try {
      return await act();
    } catch (error) {
      throw scratchFailure(folder, error);
    }
  };
}

function scratchFailure(folder: string, error: unknown): Failure {
  const { code, errno } = error as NodeJS.ErrnoException;
  const reason = errno === undefined ? String(error) : getSystemErrorMessage(errno);
  // Of a quota that is used up libuv says "UNKNOWN".
  const full = code === "ENOSPC" || code === "EDQUOT" || code === "UNKNOWN";
  return failure(full ? "scratch-full" : "scratch-unusable", { folder, reason }, error);
}
