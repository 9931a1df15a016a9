import { getSystemErrorMessage } from "node:util";
import { shownName } from "../../domain/archive-names.ts";
import { type Failure, failure } from "../../domain/failures/failure.ts";

/** The failure for an error of a system call that reads what is published; `path` is its name for a person. */
export function sourceFailure(path: string, error: unknown): Failure {
  const { code, errno } = error as NodeJS.ErrnoException;
  const shown = shownName(path);
  // A moment ago it was there, and what it was listed as.
  if (code === "ENOENT") return failure("source-changed", { path: shown, change: "went away" }, error);
  if (code === "ENOTDIR" || code === "ELOOP") {
    return failure("source-changed", { path: shown, change: "became something else" }, error);
  }
  // The system's own message has the path by which it was reached.
  const reason = errno === undefined ? String(error) : getSystemErrorMessage(errno);
  return failure("source-unreadable", { path: shown, reason }, error);
}
