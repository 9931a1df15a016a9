import { bytesOver, type EntryPlace, placed, shownName } from "./archive-names.ts";
import { failure } from "./failures/failure.ts";

/** A symbolic link of an archive. */
export interface Link extends EntryPlace {
  readonly path: string;
  readonly target: string;
}

/** What stands in the archive's tree. */
export interface Tree {
  readonly links: readonly Link[];
  /** The link at this path, in whatever spelling some file system could take for it. */
  findLink(path: string): Link | undefined;
  /** The most folders in folders. */
  readonly depth: number;
}

/** Where a link leads to in the end, and how many links are followed on the way, itself included. */
interface Resolved {
  readonly path: readonly string[];
  readonly hops: number;
}

/** What Linux follows for one path (path_resolution(7)); also the end of every circle. */
const mostHops = 40;
const longestTarget = 4095;

/** Throws "archive-unsafe-link" for a target that could mean another system's path; where it leads is judged at the end. */
export function refuseOddTarget(link: Link): void {
  const { target } = link;
  if (target === "") throw unsafeLink(link, "it has no target");
  if (target.includes("\0")) throw unsafeLink(link, "the target holds a NUL");
  if (target.startsWith("/")) throw unsafeLink(link, "the target is absolute");
  if (target.includes("\\") || /^[A-Za-z]:/.test(target)) {
    throw unsafeLink(link, "the target looks like another system's");
  }
  if (bytesOver(target, longestTarget)) throw unsafeLink(link, `the target is longer than ${longestTarget} bytes`);
}

/**
 * Judges where the links of a complete tree lead, through each other as the kernel follows them. Each step of the way must be
 * inside; what it leads to need not exist. Throws "archive-unsafe-link" otherwise, and for circles.
 */
export function judgeLinks(tree: Tree): void {
  const known = new Map<Link, Resolved>();
  for (const link of tree.links) resolve(tree, link, known, 1);
}

function resolve(tree: Tree, link: Link, known: Map<Link, Resolved>, nested: number): Resolved {
  const before = known.get(link);
  if (before !== undefined) return before;
  if (nested > mostHops) throw circle(link);
  let hops = 1;
  let path = link.path.split("/").slice(0, -1);
  for (const component of link.target.split("/")) {
    if (component === "" || component === ".") continue;
    path = step(tree, link, path, component);
    const next = component === ".." ? undefined : linkAt(tree, link, path.join("/"));
    if (next === undefined) continue;
    const led = resolve(tree, next, known, nested + 1);
    path = [...led.path];
    hops += led.hops;
    if (hops > mostHops) throw circle(link);
  }
  const resolved = { path, hops };
  known.set(link, resolved);
  return resolved;
}

function step(tree: Tree, link: Link, path: string[], component: string): string[] {
  if (component !== "..") path.push(component);
  else if (path.pop() === undefined) throw unsafeLink(link, "the target is outside the archive");
  if (path.length > tree.depth) throw unsafeLink(link, `the target is in more than ${tree.depth} folders`);
  return path;
}

/** A link met in another spelling is followed on some file systems and not on others: nobody can say where that leads. */
function linkAt(tree: Tree, link: Link, path: string): Link | undefined {
  const found = tree.findLink(path);
  if (found === undefined || found.path === path) return found;
  throw unsafeLink(link, `it leads through the link "${shownName(found.path)}" in another spelling`);
}

function circle(link: Link): Error {
  return unsafeLink(link, `it leads in a circle, or through more than ${mostHops} links`);
}

function unsafeLink(link: Link, rule: string): Error {
  return failure("archive-unsafe-link", { ...placed(link, rule), target: shownName(link.target) });
}
