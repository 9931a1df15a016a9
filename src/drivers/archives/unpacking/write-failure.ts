import { type Failure, failure } from "../../../domain/failures/failure.ts";

/** The failure for an error of a system call that changes `path`. */
export function writeFailure(path: string, error: unknown): Failure {
  const code = error instanceof Error && "code" in error ? String(error.code) : "unknown";
  const reason = error instanceof Error ? error.message : String(error);
  if (code === "ENOSPC" || code === "EDQUOT") return failure("archive-disk-full", { path, reason }, error);
  if (code === "EMFILE" || code === "ENFILE") return failure("archive-no-descriptors", { path, reason }, error);
  return failure("archive-write-failed", { path, reason }, error);
}
