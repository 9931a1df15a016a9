import { dirname } from "node:path";
import { failure } from "../../../domain/failures/failure.ts";
import type { FileLook, Files, HeldFolder } from "../../../platform/ports.ts";
import { codeOf, isMissing } from "./folder-failure.ts";

/** A folder, and those below it, in which nobody's links lead anywhere else. */
export interface Folders {
  /** Holds the folder below the root at these names; undefined when it, or one on the way, is missing. */
  enter(names: readonly string[]): Promise<HeldFolder | undefined>;
  /** The same; what is missing is made. */
  make(names: readonly string[]): Promise<HeldFolder>;
}

/** The owner of everything that root makes on a mount that maps root to nobody. */
const nobody = 65_534;

/** What a root has to be. */
export interface RootRules {
  readonly kind: "rollout" | "object";
  /** Of the root, where it has to be made. */
  readonly mode: number;
  /** Why not to go on with the root that is there. */
  doubt(look: FileLook, root: string, files: Files): Promise<string | undefined>;
}

/** Where hosts meet: for the agent's user alone, and made by nobody who may not replace the artifact either. */
export const meetingPlace: RootRules = { kind: "rollout", mode: 0o700, doubt: doubtMeeting };

/**
 * What is in the root has the root's own permissions, so that an administrator who made it for a group has said enough. Each
 * step down holds the folder that it came to: nothing is reached by a link.
 */
export function foldersBelow(root: string, files: Files, rules: RootRules): Folders {
  const untrusted = `${rules.kind}-folder-untrusted` as const;
  const step = async (path: string, shown: string): Promise<HeldFolder | undefined> => {
    try {
      return await files.hold(path);
    } catch (error) {
      if (isMissing(error)) return undefined;
      const strange = codeOf(error) === "ENOTDIR" || codeOf(error) === "ELOOP";
      throw strange ? failure(untrusted, { path: shown, problem: "it is no folder" }, error) : error;
    }
  };
  const trusted = async (): Promise<HeldFolder | undefined> => {
    const held = await step(root, root);
    const problem = held && (await rules.doubt(held.look, root, files));
    if (problem === undefined) return held;
    await held?.[Symbol.asyncDispose]();
    throw failure(untrusted, { path: root, problem });
  };
  const descend = async (names: readonly string[], mayMake: boolean): Promise<HeldFolder | undefined> => {
    if (mayMake && (await files.look(root)) === undefined) await makeFolder(files, root, dirname(root), rules.mode);
    let held = await trusted();
    let shown = root;
    for (const name of names) {
      if (held === undefined) return undefined;
      await using above = held;
      const path = `${above.path}/${name}`;
      shown = `${shown}/${name}`;
      held = await step(path, shown);
      if (held !== undefined || !mayMake) continue;
      await makeFolder(files, path, `${above.path}/.`, above.look.mode & 0o777);
      held = await step(path, shown);
    }
    return held;
  };
  return {
    enter: (names) => descend(names, false),
    async make(names) {
      const held = await descend(names, true);
      if (held !== undefined) return held;
      throw Object.assign(new Error(`ENOENT: removed as soon as it was made, in '${root}'`), { code: "ENOENT" });
    },
  };
}

async function makeFolder(files: Files, path: string, above: string, mode: number): Promise<void> {
  try {
    await files.makeFolder(path, mode);
    await files.sync(above);
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
  }
}

async function doubtMeeting({ uid, mode }: FileLook, root: string, files: Files): Promise<string | undefined> {
  if ((mode & 0o002) !== 0) return "everybody may write there";
  if ([process.geteuid?.(), 0, nobody].includes(uid)) return undefined;
  const above = await files.look(await files.realPath(dirname(root)));
  return above?.uid === uid ? undefined : `it belongs to the user ${uid}`;
}
