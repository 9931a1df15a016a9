import { constants } from "node:fs";
import { access, open, unlink } from "node:fs/promises";
import { getSystemErrorMessage } from "node:util";
import { failure } from "../domain/failures/failure.ts";
import type { KeyPair } from "./signing-key.ts";

export interface KeyFiles {
  readonly privatePath: string;
  readonly publicPath: string;
}

/** Where the halves of a new key go. Throws "key-file-there": before somebody thinks of a passphrase. */
export async function freeKeyFiles(name: string): Promise<KeyFiles> {
  const places = { privatePath: `${name}.key`, publicPath: `${name}.pub` };
  for (const path of Object.values(places)) {
    const isThere = await access(path, constants.F_OK).then(
      () => true,
      () => false,
    );
    if (isThere) throw failure("key-file-there", { path });
  }
  return places;
}

/** Writes both, the private one for its owner alone; neither replaces a file. */
export async function writeKeyFiles({ privatePath, publicPath }: KeyFiles, pair: KeyPair): Promise<void> {
  await writeNew(privatePath, pair.privateFile, 0o600);
  try {
    await writeNew(publicPath, pair.publicFile, 0o644);
  } catch (error) {
    await unlink(privatePath);
    throw error;
  }
}

async function writeNew(path: string, text: string, mode: number): Promise<void> {
  try {
    await using handle = await open(path, "wx", mode);
    await handle.writeFile(text);
    await handle.sync();
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") throw failure("key-file-there", { path }, error);
    const reason = errno === undefined ? String(error) : getSystemErrorMessage(errno);
    throw failure("key-file-unusable", { path, reason }, error);
  }
}
