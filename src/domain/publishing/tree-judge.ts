import { judgeLinks, type Link } from "../archive-links.ts";
import { foldedPath, placed } from "../archive-names.ts";
import { type ArchiveEntry, ArchiveTree } from "../archive-tree.ts";
import { Failure, failure } from "../failures/failure.ts";
import type { ArchiveLimits } from "../service.ts";

/** Judges what is to be published as agents judge archives. They stop at the first thing they refuse; this one goes on. */
export interface TreeJudge {
  /** Judges the next entry; what is in a folder comes after it. Undefined: agents take it. */
  judge(entry: ArchiveEntry): Failure | undefined;
  /** Judges at the end where the links lead; by the path of the link. */
  judgeLinks(): ReadonlyMap<string, Failure>;
}

export function treeJudge(limits: ArchiveLimits): TreeJudge {
  const tree = new ArchiveTree(limits);
  const links = new Map<string, Link>();
  const findLink = (path: string) => links.get(foldedPath(path));
  return {
    judge: (entry) =>
      refusalOf(() => {
        refuseControls(entry);
        const { path } = tree.admit(entry);
        if (entry.kind === "symlink") links.set(foldedPath(path), { ...entry, path });
      }),
    judgeLinks() {
      const wrong = new Map<string, Failure>();
      for (const link of links.values()) {
        const refusal = refusalOf(() => judgeLinks({ links: [link], findLink, depth: limits.depth }));
        if (refusal !== undefined) wrong.set(link.path, refusal);
      }
      return wrong;
    },
  };
}

/** Agents would take such a name. It is an accident, and misleads whoever reads of it in a terminal. */
function refuseControls(entry: ArchiveEntry): void {
  if (!/[\p{Cc}\p{Zl}\p{Zp}\u202a-\u202e\u2066-\u2069]/u.test(entry.name)) return;
  throw failure("archive-unsafe-path", placed(entry, "it holds a control character"));
}

function refusalOf(judging: () => void): Failure | undefined {
  try {
    judging();
    return undefined;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}
