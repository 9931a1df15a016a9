import { Failure, failure } from "../../../domain/failures/failure.ts";
import { silence, type Told } from "../../stores/exchange.ts";

/** The system's word for an error; undefined for anything else. */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : undefined;
}

export function isMissing(error: unknown): boolean {
  return codeOf(error) === "ENOENT";
}

const reasons: Readonly<Record<string, string>> = {
  EACCES: "permission denied",
  EPERM: "the operation is not permitted",
  EROFS: "the file system is read-only",
  ENOENT: "there is no such folder",
};

const full: Readonly<Record<string, string>> = {
  ENOSPC: "no space is left on the file system",
  EDQUOT: "the quota is used up",
};

/** An error of the file system as a person is told of it. */
export function folderFailure(told: Told, doing: string, error: unknown): unknown {
  const { place, kind = "rollout" } = told;
  const code = codeOf(error);
  if (error instanceof Failure || code === undefined) return error;
  const reason = reasons[code];
  if (reason !== undefined) return failure(`${kind}-folder-unusable`, { place, doing, reason }, error);
  const lack = full[code];
  if (lack !== undefined) return failure(`${kind}-folder-full`, { place, doing, reason: lack }, error);
  if (code === "EMFILE" || code === "ENFILE") return failure("too-many-open-files", { path: place }, error);
  if (code === "ENAMETOOLONG") {
    const answer = "the name is too long for its file system";
    return failure(`${kind}-store-refused`, { place, doing, answer }, error);
  }
  return silence(told, doing, `the file system said ${code}`, error);
}

/** After these a change may have been made, or may still be made: the server did not say. */
export function isUncertain(error: unknown): boolean {
  const code = codeOf(error);
  return code === undefined || !(code in reasons || code in full || sure.has(code));
}

const sure: ReadonlySet<string> = new Set([
  "EEXIST",
  "ENOTEMPTY",
  "ENOTDIR",
  "EISDIR",
  "ELOOP",
  "EXDEV",
  "EMFILE",
  "ENFILE",
]);
