import { dirname } from "node:path";
import type { ConfigPorts } from "./ports.ts";

interface Problem {
  readonly message: string;
  readonly remedy: string;
}

/** Whoever may write these bits can make root run a command: group and others. */
const othersMayWrite = 0o022;

/**
 * Why a file must not be trusted when running as root: it, or the folder that it or its link stands in, belongs to or can
 * be written by somebody else. Nothing is judged for another user, nor what does not exist.
 */
export function permissionProblem(path: string, ports: ConfigPorts): Problem | undefined {
  if (ports.userId !== 0) return undefined;
  const facts = ports.inspect(path);
  if (facts === undefined) return undefined;
  const folders = new Set([dirname(path), dirname(facts.realPath)]);
  return judge(path, ports) ?? [...folders].map((folder) => judge(folder, ports)).find((found) => found !== undefined);
}

/** The same for a folder that files are picked up from. */
export function folderProblem(path: string, ports: ConfigPorts): Problem | undefined {
  return ports.userId === 0 ? judge(path, ports) : undefined;
}

function judge(path: string, ports: ConfigPorts): Problem | undefined {
  const facts = ports.inspect(path);
  if (facts === undefined) return undefined;
  if (facts.userId !== 0) {
    const message = `${path} belongs to user ${facts.userId}, who could make root run anything`;
    return { message, remedy: `Give it to root: chown root ${path}` };
  }
  if ((facts.mode & othersMayWrite) === 0) return undefined;
  const message = `${path} can be written by others than root (mode ${facts.mode.toString(8).padStart(4, "0")})`;
  return { message, remedy: `Take that right away: chmod go-w ${path}` };
}
