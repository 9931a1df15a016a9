import { chmodSync, lstatSync, mkdirSync } from "node:fs";
import { failure } from "../domain/failures/failure.ts";

/**
 * Makes the state folder, for its owner alone. What is in it decides what runs on this host, so a folder that somebody
 * else owns, or that is a link, is refused; one that others may enter is closed to them.
 */
export function openStateFolder(path: string): void {
  const found = inspect(path);
  const us = process.geteuid?.() ?? 0;
  if (found.isSymbolicLink()) throw failure("state-folder-unsafe", { path, problem: "it is a symbolic link" });
  if (!found.isDirectory()) throw failure("state-folder-unsafe", { path, problem: "it is no folder" });
  if (found.uid !== us) {
    throw failure("state-folder-unsafe", { path, problem: `it belongs to user ${found.uid}, this is user ${us}` });
  }
  if ((found.mode & 0o077) !== 0) chmodSync(path, 0o700);
}

function inspect(path: string) {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
    return lstatSync(path);
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === "EEXIST" || code === "ENOTDIR") {
      throw failure("state-folder-unsafe", { path, problem: "it, or a folder above it, is no folder" }, thrown);
    }
    throw failure("state-folder-unusable", { path, reason: message }, thrown);
  }
}
