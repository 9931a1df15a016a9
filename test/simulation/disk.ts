import type { Dice } from "./dice.ts";

/**
 * The disk of one host in two views: what processes see, and what a power cut leaves. A change of names is one operation; it is
 * on the disk once a folder that it touched was synced. A cut keeps some of the others and drops the rest.
 */
export interface Disk {
  readonly root: Inode;
  /** Where a path leads, links at its end not followed. */
  find(path: string): Inode | undefined;
  /** The folder that holds the last name of a path, and that name. Throws ENOENT or ENOTDIR. */
  place(path: string): Place;
  make(kind: Inode["kind"], text?: string): Inode;
  /** One operation on names, seen at once. */
  change(changes: readonly Change[]): void;
  sync(inode: Inode): void;
  powerCut(dice: Dice): void;
  /** A name for a folder that is held open. */
  hold(inode: Inode): string;
  readonly unsynced: () => number;
}

export interface Inode {
  readonly number: number;
  readonly kind: "file" | "folder" | "link";
  mode: number;
  /** Of a file its content, of a link where it leads. */
  text: string;
  /** Of a file: what a power cut leaves of it for certain. */
  synced: string | undefined;
  names: Map<string, Inode>;
  durable: Map<string, Inode>;
}

export interface Place {
  readonly folder: Inode;
  readonly name: string;
}

/** A name comes to stand for something else, or for nothing. */
export interface Change extends Place {
  readonly inode: Inode | undefined;
}

export function createDisk(): Disk {
  let inodes = 1;
  let pending: (readonly Change[])[] = [];
  const held = new Map<string, Inode>();
  const make = (kind: Inode["kind"], text = ""): Inode => {
    inodes += 1;
    return { number: inodes, kind, mode: 0o755, text, synced: undefined, names: new Map(), durable: new Map() };
  };
  const root = make("folder");

  const disk: Disk = {
    root,
    make,
    find(path) {
      let at: Inode | undefined = root;
      for (const part of partsOf(path)) {
        if (at?.kind !== "folder") return undefined;
        at = part.startsWith(heldMark) ? held.get(part) : at.names.get(part);
      }
      return at;
    },
    place(path) {
      const parts = partsOf(path);
      const name = parts.at(-1) ?? "";
      let at: Inode | undefined = root;
      for (const part of parts.slice(0, -1)) {
        at = part.startsWith(heldMark) ? held.get(part) : at.names.get(part);
        if (at === undefined) throw systemError("ENOENT", path);
        if (at.kind !== "folder") throw systemError("ENOTDIR", path);
      }
      return { folder: at, name };
    },
    change(changes) {
      apply(changes, "names");
      pending.push(changes);
    },
    sync(inode) {
      if (inode.kind === "file") inode.synced = inode.text;
      if (inode.kind === "folder") pending = syncNames(pending, inode);
    },
    powerCut(dice) {
      const keeps = dice.pick([0, 0.5, 0.9, 1]);
      for (const changes of pending) if (dice.chance(keeps)) apply(changes, "durable");
      pending = [];
      held.clear();
      comeBack(root, dice, new Set());
    },
    hold(inode) {
      const name = `${heldMark}${inode.number}`;
      held.set(name, inode);
      return `/${name}`;
    },
    unsynced: () => pending.length,
  };
  return disk;
}

const heldMark = "held:";
const parsed = new Map<string, readonly string[]>();

function partsOf(path: string): readonly string[] {
  const known = parsed.get(path);
  if (known !== undefined) return known;
  const parts = path.split("/").filter((part) => part !== "" && part !== ".");
  if (parsed.size > 20_000) parsed.clear();
  parsed.set(path, parts);
  return parts;
}

function apply(changes: readonly Change[], view: "names" | "durable"): void {
  for (const { folder, name, inode } of changes) {
    if (inode === undefined) folder[view].delete(name);
    else folder[view].set(name, inode);
  }
}

/** Brings to disk what touched this folder, with all that was done before it in the same folders. */
function syncNames(pending: readonly (readonly Change[])[], synced: Inode): (readonly Change[])[] {
  const folders = new Set([synced]);
  const left: (readonly Change[])[] = [];
  const done: (readonly Change[])[] = [];
  for (const changes of pending.toReversed()) {
    if (changes.some(({ folder }) => folders.has(folder))) {
      for (const { folder } of changes) folders.add(folder);
      done.push(changes);
    } else left.push(changes);
  }
  for (const changes of done.toReversed()) apply(changes, "durable");
  return left.toReversed();
}

/** What was not synced of a file is there, is cut off, or is empty. */
function comeBack(inode: Inode, dice: Dice, seen: Set<Inode>): void {
  if (seen.has(inode)) return;
  seen.add(inode);
  if (inode.kind === "file" && inode.synced !== inode.text) {
    const whole = inode.text;
    inode.text = inode.synced ?? dice.pick(["", whole.slice(0, whole.length / 2), whole]);
    inode.synced = inode.text;
  }
  inode.names = new Map(inode.durable);
  for (const below of inode.names.values()) comeBack(below, dice, seen);
}

export function systemError(code: string, path: string, syscall = "open"): Error {
  return Object.assign(new Error(`${code}: simulated, ${syscall} '${path}'`), { code, path, syscall });
}
