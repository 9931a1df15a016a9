import { chmodSync, lstatSync, mkdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname } from "node:path";
import { failure } from "../domain/failures/failure.ts";

/**
 * Makes the state folder, for its owner alone. What is in it decides what runs on this host, so a folder that somebody
 * else owns, or that is a link, is refused, and so is one that somebody could move away; one that others may enter is
 * closed to them.
 */
export function openStateFolder(path: string): void {
  const found = inspect(path);
  const us = process.geteuid?.() ?? 0;
  if (found.isSymbolicLink()) throw failure("state-folder-unsafe", { path, problem: "it is a symbolic link" });
  if (!found.isDirectory()) throw failure("state-folder-unsafe", { path, problem: "it is no folder" });
  if (found.uid !== us) {
    throw failure("state-folder-unsafe", { path, problem: `it belongs to user ${found.uid}, this is user ${us}` });
  }
  const problem = us === 0 ? movableProblem(path) : undefined;
  if (problem !== undefined) throw failure("state-folder-unsafe", { path, problem });
  if ((found.mode & 0o077) !== 0) chmodSync(path, 0o700);
}

function inspect(path: string): Stats {
  try {
    const found = lstatSync(path, { throwIfNoEntry: false });
    if (found !== undefined) return found;
    makeFolders(path);
    return lstatSync(path);
  } catch (thrown) {
    const { code, message } = thrown as NodeJS.ErrnoException;
    if (code === "EEXIST" || code === "ENOTDIR") {
      throw failure("state-folder-unsafe", { path, problem: "it, or a folder above it, is no folder" }, thrown);
    }
    throw failure("state-folder-unusable", { path, reason: message }, thrown);
  }
}

/** The folders above are for everybody to pass through, whatever the umask would add. */
function makeFolders(path: string): void {
  const first = mkdirSync(dirname(path), { recursive: true, mode: 0o755 });
  for (let made = dirname(path); first !== undefined; made = dirname(made)) {
    chmodSync(made, 0o755);
    if (made === first) break;
  }
  mkdirSync(path, { mode: 0o700 });
}

/** Whoever may write a folder above could put a state of his own making in the place of ours, or send our writes elsewhere. */
export function movableProblem(path: string): string | undefined {
  for (let above = dirname(realpathSync(path)); above !== dirname(above); above = dirname(above)) {
    const { uid, mode } = statSync(above);
    const problem =
      uid !== 0
        ? `${above} above it belongs to user ${uid}`
        : (mode & 0o022) !== 0 && (mode & 0o1000) === 0
          ? `${above} above it can be written by others than root`
          : undefined;
    if (problem !== undefined) return problem;
  }
  return undefined;
}
