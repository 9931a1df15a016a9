import { execFile } from "node:child_process";
import type { Milliseconds } from "../domain/duration.ts";

/** "late": not within the limit, which other programs' unwritten data may cause. `refused`: what `sync` said. */
export type FileSystemSync = "synced" | "late" | { readonly refused: string };

/**
 * Brings all that is unwritten on the file system that holds `folder` to disk: syncfs(2) by `sync -f` of coreutils or
 * busybox, as Node has no call for it. Never rejects but with the signal's reason.
 */
export async function syncFileSystem(
  folder: string,
  limit: Milliseconds,
  signal: AbortSignal,
): Promise<FileSystemSync> {
  const over = AbortSignal.timeout(limit);
  const options = {
    // An abort ends the waiting even when the process hangs in the kernel and cannot be killed.
    signal: AbortSignal.any([signal, over]),
    killSignal: "SIGKILL" as const,
    env: { PATH: "/usr/bin:/bin", LC_ALL: "C" },
  };
  const error = await new Promise<Error | null>((resolve) => {
    execFile("sync", ["-f", folder], options, (ended) => resolve(ended));
  });
  signal.throwIfAborted();
  if (error === null) return "synced";
  return over.aborted ? "late" : { refused: error.message };
}
