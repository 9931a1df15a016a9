import { readdirSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { shownName } from "../../domain/archive-names.ts";
import type { ArchiveEntry } from "../../domain/archive-tree.ts";
import { Failure } from "../../domain/failures/failure.ts";
import type { IgnoreRules } from "../../domain/publishing/ignore-rules.ts";
import { type TreeJudge, treeJudge } from "../../domain/publishing/tree-judge.ts";
import type { ArchiveLimits } from "../../domain/service.ts";
import type { Refusal } from "./artifact.ts";
import type { HeldTree } from "./held-tree.ts";
import { sourceFailure } from "./source-failure.ts";
import { paddingAfter, tarEnd, tarHead } from "./tar-head.ts";
import { entryOf, type Met, meet, type Path, type TreeEntry } from "./tree-entry.ts";

/** What stands in a folder. */
export interface TreeListing {
  /** As `tar --sort=name` has them: in each folder by the bytes of their names, what is in a folder right after it. */
  readonly entries: readonly TreeEntry[];
  /** Spelled out for a terminal; a folder with a slash at its end. */
  readonly leftOut: readonly string[];
  readonly refused: readonly Refusal[];
  /** Bytes of all files. */
  readonly bytes: number;
  /** Bytes of the tar. */
  readonly tarBytes: number;
}

export interface ListRequest {
  readonly rules: IgnoreRules;
  readonly limits: ArchiveLimits;
  readonly signal: AbortSignal;
}

/** Lists a folder and judges what is in it. Throws "source-changed" when something goes away meanwhile, or the signal's reason. */
export async function listTree(held: HeldTree, request: ListRequest): Promise<TreeListing> {
  const judge = treeJudge(request.limits);
  const found = { entries: [], leftOut: [], refused: [], tarBytes: 0, overLimit: false };
  const walk: Walk = { ...request, ...found, held, judge };
  await listFolder(walk, { text: "", bytes: "" });
  for (const [path, wrong] of walk.judge.judgeLinks()) refuse(walk, path, wrong);
  const { entries, leftOut, refused, tarBytes } = walk;
  const bytes = entries.reduce((sum, { size }) => sum + size, 0);
  return { entries, leftOut, refused, bytes, tarBytes: tarBytes + tarEnd.length };
}

interface Walk extends ListRequest {
  readonly held: HeldTree;
  readonly judge: TreeJudge;
  readonly entries: TreeEntry[];
  readonly leftOut: string[];
  readonly refused: Refusal[];
  tarBytes: number;
  /** All that follows would be refused as well. */
  overLimit: boolean;
}

async function listFolder(walk: Walk, folder: Path): Promise<void> {
  // The rest of the process gets its turn, too.
  await setImmediate();
  for (const name of namesIn(walk, folder)) {
    walk.signal.throwIfAborted();
    if (walk.overLimit) return;
    const met = meet(walk.held.enter(folder.text), folder, name);
    const isFolder = met.stats.isDirectory();
    if (walk.rules.leavesOut(met.path.bytes, isFolder)) {
      walk.leftOut.push(`${shownName(met.path.text)}${isFolder ? "/" : ""}`);
    } else if (take(walk, met) && isFolder) await listFolder(walk, met.path);
  }
}

function namesIn(walk: Walk, folder: Path): readonly Buffer[] {
  try {
    // Node promises no order.
    return readdirSync(walk.held.enter(folder.text), { encoding: "buffer" }).sort(Buffer.compare);
  } catch (error) {
    const wrong = sourceFailure(folder.text || ".", error);
    if (wrong.code !== "source-unreadable") throw wrong;
    refuse(walk, folder.text || ".", wrong);
    return [];
  }
}

/** Adds it to what is published. False: it is refused. */
function take(walk: Walk, met: Met): boolean {
  const entry = entryOf(met, walk.tarBytes);
  const wrong = entry instanceof Failure ? entry : walk.judge.judge(asArchived(entry, walk.tarBytes));
  if (wrong !== undefined) refuse(walk, met.path.text, wrong);
  if (wrong !== undefined || entry instanceof Failure) return false;
  walk.entries.push(entry);
  walk.tarBytes += tarHead(entry).length + entry.size + paddingAfter(entry.size);
  return true;
}

function asArchived(entry: TreeEntry, offset: number): ArchiveEntry {
  const name = entry.kind === "directory" ? `${entry.path}/` : entry.path;
  return { ...entry, name, offset, modified: 0 };
}

const whatToDo = "Rename it or remove it, or leave it out with a line in .dropshipignore.";

function refuse(walk: Walk, path: string, wrong: Failure): void {
  const { code, sentence, remedy } = wrong.note;
  // What the agents say of archives is about packing; here it is about a folder.
  const isItself = code === "archive-unsafe-path" || code === "archive-forbidden-entry";
  walk.refused.push({ path: shownName(path), code, sentence, remedy: isItself ? whatToDo : remedy });
  if (code === "archive-too-large") walk.overLimit = true;
}
