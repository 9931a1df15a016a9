import { Failure, failure } from "../domain/failures/failure.ts";
import type { ReleasePlace } from "./release-store.ts";

const verbs: Readonly<Record<string, string>> = {
  open: "open",
  write: "write",
  fsync: "sync",
  mkdir: "make",
  rename: "rename",
  symlink: "make the link",
  unlink: "remove",
  rmdir: "remove",
  rm: "remove",
  scandir: "list",
  chmod: "set the mode of",
  fchmod: "set the mode of",
  chown: "set the owner of",
  fchown: "set the owner of",
  lchown: "set the owner of",
  copyfile: "copy",
  statfs: "ask for the free space of",
};

/** Runs an operation on disk; what the system refuses becomes a failure that names the path and the way out. */
export async function onDisk<Value>(place: ReleasePlace, operation: () => Promise<Value>): Promise<Value> {
  try {
    return await operation();
  } catch (error) {
    throw asDiskFailure(place, error);
  }
}

function asDiskFailure(place: ReleasePlace, error: unknown): unknown {
  if (error instanceof Failure || !(error instanceof Error) || !("syscall" in error)) return error;
  const { code, path, dest, syscall } = error as NodeJS.ErrnoException & { dest?: string };
  const where = dest ?? path ?? place.releases;
  const operation = verbs[syscall ?? ""] ?? syscall ?? "use";
  switch (code) {
    case "ENOSPC":
      return failure("disk-full", { path: where }, error);
    case "EDQUOT":
      return failure("quota-used-up", { path: where }, error);
    case "EIO":
      return failure("disk-error", { path: where, operation }, error);
    case "EROFS":
      return failure("disk-read-only", { path: where }, error);
    case "EMFILE":
    case "ENFILE":
      return failure("too-many-open-files", { path: where }, error);
    case "EACCES":
    case "EPERM":
      return failure("disk-access-denied", { path: where, operation }, error);
    case "EXDEV":
      return failure("other-file-system", { destination: place.destination, releases: place.releases }, error);
    case "EBUSY":
      return failure("destination-mounted", { destination: place.destination }, error);
    default:
      return failure("disk-refused", { path: where, operation, error: code ?? error.message }, error);
  }
}
