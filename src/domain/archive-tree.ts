import { judgeLinks, refuseOddTarget } from "./archive-links.ts";
import { type EntryPlace, entryPath, foldedPath, placed, shownName } from "./archive-names.ts";
import { failure } from "./failures/failure.ts";
import type { ArchiveLimits } from "./service.ts";

export type EntryKind = "file" | "directory" | "symlink";

/** What an archive says of one entry, before anybody has judged it. */
export interface ArchiveEntry extends EntryPlace {
  readonly kind: EntryKind;
  readonly size: number;
  /** Of a symlink. */
  readonly target: string;
  readonly executable: boolean;
  /** Seconds since 1970. */
  readonly modified: number | undefined;
}

/** What an entry may do on disk. */
export interface Admitted {
  /** Relative to the folder; "" is the folder itself. */
  readonly path: string;
  /** Parents that no entry named, outermost first. */
  readonly missing: readonly string[];
  /** False for a folder that stands already. */
  readonly isNew: boolean;
}

interface Standing extends EntryPlace {
  readonly path: string;
  readonly kind: EntryKind;
  readonly target: string;
}

const none: readonly string[] = [];

/**
 * The rules on what an archive may lay down: each entry once, below folders of this archive, links that stay inside,
 * within the limits. Whatever breaks one throws the failure that rejects the archive.
 */
export class ArchiveTree {
  readonly #limits: ArchiveLimits;
  readonly #standing = new Map<string, Standing>();
  readonly #links: Standing[] = [];
  #entries = 0;
  #bytes = 0;
  #lastParent = "";

  constructor(limits: ArchiveLimits) {
    this.#limits = limits;
  }

  /** Judges the next entry. */
  admit(entry: ArchiveEntry): Admitted {
    const limits = this.#limits;
    const path = entryPath(entry, entry.kind === "directory");
    this.#entries += 1;
    within(entry, this.#entries, limits.entries, "too many entries");
    if (path === "") return { path, missing: none, isNew: false };
    within(entry, depthOf(path), limits.depth, "too many nested folders");
    this.#bytes += entry.size;
    within(entry, this.#bytes, limits.unpackedSize, "too many bytes when unpacked");
    const missing = this.#parents(entry, path);
    const found = this.#standing.get(foldedPath(path));
    if (found !== undefined) {
      const sameFolder = found.path === path && found.kind === "directory" && entry.kind === "directory";
      if (!sameFolder) throw collision(entry, found, collisionRule(found, entry, path));
      return { path, missing, isNew: false };
    }
    const node = { name: entry.name, offset: entry.offset, path, kind: entry.kind, target: entry.target };
    this.#stand(node);
    if (entry.kind === "symlink") {
      refuseOddTarget(node);
      this.#links.push(node);
    }
    return { path, missing, isNew: true };
  }

  /** Judges what can only be known at the end: where the links lead. */
  close(): void {
    judgeLinks({
      links: this.#links,
      findLink: (path) => {
        const found = this.#standing.get(foldedPath(path));
        return found?.kind === "symlink" ? found : undefined;
      },
      depth: this.#limits.depth,
    });
  }

  /** Makes sure that the parent is a folder of this archive; returns those folders that nobody named yet. */
  #parents(entry: EntryPlace, path: string): readonly string[] {
    const parent = path.slice(0, Math.max(path.lastIndexOf("/"), 0));
    if (parent === this.#lastParent || parent === "") return none;
    const missing = prefixesOf(parent).filter((prefix) => !this.#isFolder(entry, prefix));
    for (const made of missing) this.#stand({ ...entry, path: made, kind: "directory", target: "" });
    this.#lastParent = parent;
    return missing;
  }

  #isFolder(entry: EntryPlace, prefix: string): boolean {
    const found = this.#standing.get(foldedPath(prefix));
    if (found === undefined) return false;
    if (found.kind === "symlink") {
      const target = shownName(found.target);
      throw failure("archive-unsafe-link", { ...placed(entry, "it writes through a link of the archive"), target });
    }
    if (found.path !== prefix) throw collision(entry, found, "their folders differ only by case or spelling");
    if (found.kind === "file") throw collision(entry, found, "a file stands where a folder is needed");
    return true;
  }

  #stand(node: Standing): void {
    this.#standing.set(foldedPath(node.path), node);
    within(node, this.#standing.size, this.#limits.entries, "too many files and folders");
  }
}

function within(place: EntryPlace, amount: number, allowed: number, rule: string): void {
  if (amount > allowed) throw failure("archive-too-large", { ...placed(place, rule), allowed });
}

/** "a", "a/b", "a/b/c" for "a/b/c". */
function prefixesOf(path: string): readonly string[] {
  const prefixes: string[] = [];
  for (let end = path.indexOf("/"); end !== -1; end = path.indexOf("/", end + 1)) prefixes.push(path.slice(0, end));
  return [...prefixes, path];
}

function collision(entry: EntryPlace, other: Standing, rule: string): Error {
  return failure("archive-collision", { ...placed(entry, rule), other: shownName(other.name) });
}

function collisionRule(found: Standing, entry: ArchiveEntry, path: string): string {
  if (found.path !== path) return "they differ only by case or spelling";
  return found.kind === entry.kind ? "the same name twice" : `a ${found.kind} and a ${entry.kind} of one name`;
}

function depthOf(path: string): number {
  let depth = 1;
  for (let at = path.indexOf("/"); at !== -1; at = path.indexOf("/", at + 1)) depth += 1;
  return depth;
}
