import { closeSync, existsSync, openSync } from "node:fs";
import { dirname, join } from "node:path";
import { failure } from "../../domain/failures/failure.ts";

/** sun_path of unix(7) has 108 bytes, the closing NUL included. */
const longestName = 107;

/** Where the agent of this state folder listens. */
export function controlSocketPath(statePath: string): string {
  return join(statePath, "control.sock");
}

/**
 * Calls `use` with a name of the socket that fits into the kernel's 108 bytes. A path that is too long is reached through an
 * open descriptor of its folder; the name is good only until what `use` gives resolves.
 */
export async function withShortName<Result>(path: string, use: (name: string) => Promise<Result>): Promise<Result> {
  if (Buffer.byteLength(path) <= longestName) return await use(path);
  if (!existsSync("/proc/self/fd")) {
    throw failure("control-socket-unusable", { path, reason: `its name has more than ${longestName} bytes` });
  }
  const folder = openSync(dirname(path), "r");
  try {
    return await use(`/proc/self/fd/${folder}/control.sock`);
  } finally {
    closeSync(folder);
  }
}
