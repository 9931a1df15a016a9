import { dirname } from "node:path";
import type { ConfigPorts, FileFacts } from "./ports.ts";

interface Problem {
  readonly message: string;
  readonly remedy: string;
}

/** Whoever may write these bits can make root run a command: group and others. */
const othersMayWrite = 0o022;

/** In a folder with this bit everybody may make files, but nobody may move those of others (/tmp). */
const sticky = 0o1000;

/**
 * Why a file must not be trusted when running as root: it, or the folder that it or its link stands in, belongs to or can
 * be written by somebody else, or a folder above lets somebody put another one in its place. Nothing is judged for another
 * user, nor what does not exist.
 */
export function permissionProblem(path: string, ports: ConfigPorts): Problem | undefined {
  if (ports.userId !== 0) return undefined;
  const facts = ports.inspect(path);
  if (facts === undefined) return undefined;
  const folders = [...new Set([dirname(path), dirname(facts.realPath)])];
  const above = [...new Set(folders.flatMap(foldersAbove))];
  return (
    judge(path, ports) ??
    folders.map((folder) => judge(folder, ports)).find((found) => found !== undefined) ??
    above.map((folder) => judge(folder, ports, sticky)).find((found) => found !== undefined)
  );
}

/** The same for a folder that files are picked up from. */
export function folderProblem(path: string, ports: ConfigPorts): Problem | undefined {
  return ports.userId === 0 ? judge(path, ports) : undefined;
}

/** The same for the file that was really opened: between a look and the opening somebody may have changed what stands there. */
export function openedProblem(path: string, facts: Facts, ports: ConfigPorts): Problem | undefined {
  return ports.userId === 0 ? judgeFacts(path, facts) : undefined;
}

type Facts = Pick<FileFacts, "userId" | "mode">;

/** All but the root folder: where that is a stranger's, nothing can be trusted. */
function foldersAbove(folder: string): readonly string[] {
  const parent = dirname(folder);
  return parent === dirname(parent) ? [] : [parent, ...foldersAbove(parent)];
}

function judge(path: string, ports: ConfigPorts, pardon = 0): Problem | undefined {
  const facts = ports.inspect(path);
  return facts === undefined || (facts.userId === 0 && (facts.mode & pardon) !== 0)
    ? undefined
    : judgeFacts(path, facts);
}

function judgeFacts(path: string, { userId, mode }: Facts): Problem | undefined {
  if (userId !== 0) {
    const message = `${path} belongs to user ${userId}, who could make root run anything`;
    return { message, remedy: `Give it to root: chown root ${path}` };
  }
  if ((mode & othersMayWrite) === 0) return undefined;
  const message = `${path} can be written by others than root (mode ${mode.toString(8).padStart(4, "0")})`;
  return { message, remedy: `Take that right away: chmod go-w ${path}` };
}
