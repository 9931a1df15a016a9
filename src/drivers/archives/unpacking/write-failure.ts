import { constants } from "node:os";
import { type Failure, failure } from "../../../domain/failures/failure.ts";

/** The failure for an error of a system call that changes `path`. */
export function writeFailure(path: string, error: unknown): Failure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  const reason = error instanceof Error ? error.message : String(error);
  if (code === "ENOSPC" || isQuota(error)) return failure("archive-disk-full", { path, reason }, error);
  if (code === "EMFILE" || code === "ENFILE") return failure("archive-no-descriptors", { path, reason }, error);
  return failure("archive-write-failed", { path, reason }, error);
}

/** libuv has no name for this one and says "UNKNOWN". */
function isQuota(error: unknown): boolean {
  return error instanceof Error && "errno" in error && error.errno === -constants.errno.EDQUOT;
}
