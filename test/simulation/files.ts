import type { FileLook, Files } from "../../src/platform/ports.ts";
import { type Disk, type Inode, systemError } from "./disk.ts";
import type { Life } from "./life.ts";

/** What the disk of a host is like at this moment. */
export interface DiskState {
  full: boolean;
  /** Milliseconds that each change takes. */
  slow: number;
  /** Whether this change fails with EIO. */
  fails: () => boolean;
}

export interface FilesParts {
  readonly disk: Disk;
  readonly life: Life;
  readonly state: DiskState;
  /** Whether two names can be swapped in one step here. */
  readonly swaps: boolean;
  /** Something was changed at this path. */
  readonly onChange: (what: string, path: string) => void;
}

/** The file system as one process sees it; between any two operations that process may end. */
export function simulatedFiles({ disk, life, state, swaps, onChange }: FilesParts): Files {
  const change = <Result>(what: string, path: string, act: () => Result, makes = false): Promise<Result> =>
    life.call(`disk ${what}`, async () => {
      if (state.slow > 0) await life.clock.sleep(state.slow);
      if (state.fails()) throw systemError("EIO", path, what);
      if (makes && state.full) throw systemError("ENOSPC", path, what);
      const result = act();
      onChange(what, path);
      return result;
    });
  const put = (path: string, inode: Inode) => {
    const { folder, name } = disk.place(path);
    if (folder.names.has(name)) throw systemError("EEXIST", path);
    disk.change([{ folder, name, inode }]);
  };
  return {
    look: async (path) => lookOf(disk.find(path)),
    names: async (folder) => [...(disk.find(folder)?.names.keys() ?? [])],
    read: async (path) => disk.find(path)?.text,
    chunks: (path) => chunksOf(existing(disk, path).text),
    async hold(folder) {
      const inode = existing(disk, folder);
      if (inode.kind !== "folder") throw systemError("ENOTDIR", folder);
      return { path: disk.hold(inode), look: lookOf(inode) as FileLook, [Symbol.asyncDispose]: async () => {} };
    },
    linkText: async (path) => existing(disk, path).text,
    realPath: async (path) => realPath(disk, path),
    write: (path, content, mode) =>
      change(
        "write",
        path,
        () => {
          const text = typeof content === "string" ? content : new TextDecoder().decode(content);
          const inode = { ...disk.make("file", text), mode };
          put(path, inode);
          disk.sync(inode);
        },
        true,
      ),
    makeFolder: (path, mode) => change("mkdir", path, () => put(path, { ...disk.make("folder"), mode }), true),
    copyFile: (from, to) =>
      change(
        "copyfile",
        to,
        () => {
          const inode = { ...disk.make("file", existing(disk, from).text), mode: existing(disk, from).mode };
          put(to, inode);
          disk.sync(inode);
        },
        true,
      ),
    setMode: async (path, mode) => {
      existing(disk, path).mode = mode;
    },
    setOwner: async () => {},
    makeLink: (text, path) => change("symlink", path, () => put(path, disk.make("link", text)), true),
    rename: (from, to) => change("rename", to, () => rename(disk, from, to)),
    exchange: async (one, other) => swaps && (await change("exchange", one, () => exchange(disk, one, other))),
    remove: (path) => removeTree(disk, path, change),
    sync: (path) => change("fsync", path, () => disk.sync(existing(disk, path))),
    space: async () => (state.full ? { bytes: 1000, inodes: 1e6 } : { bytes: 1e12, inodes: 1e9 }),
  };
}

function existing(disk: Disk, path: string): Inode {
  const inode = disk.find(path);
  if (inode === undefined) throw systemError("ENOENT", path);
  return inode;
}

function lookOf(inode: Inode | undefined): FileLook | undefined {
  if (inode === undefined) return undefined;
  const { kind, mode, text, number } = inode;
  return { kind, mode, uid: 0, gid: 0, size: text.length, inode: String(number), device: "1" };
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield new TextEncoder().encode(text);
}

/** Follows links at the end of a path; there are none in the middle of ours. */
export function realPath(disk: Disk, path: string, depth = 8): string {
  const inode = existing(disk, path);
  if (inode.kind !== "link") return path === "/" ? path : path.replace(/\/+$/, "");
  if (depth === 0) throw systemError("ELOOP", path);
  const parent = path.slice(0, path.lastIndexOf("/"));
  return realPath(disk, inode.text.startsWith("/") ? inode.text : `${parent}/${inode.text}`, depth - 1);
}

function rename(disk: Disk, from: string, to: string): void {
  const source = disk.place(from);
  const target = disk.place(to);
  const inode = source.folder.names.get(source.name);
  if (inode === undefined) throw systemError("ENOENT", from, "rename");
  const there = target.folder.names.get(target.name);
  if (there?.kind === "folder" && inode.kind !== "folder") throw systemError("EISDIR", to, "rename");
  if (there?.kind === "folder" && there.names.size > 0) throw systemError("ENOTEMPTY", to, "rename");
  if (there !== undefined && there.kind !== "folder" && inode.kind === "folder") {
    throw systemError("ENOTDIR", to, "rename");
  }
  disk.change([
    { ...target, inode },
    { ...source, inode: undefined },
  ]);
}

function exchange(disk: Disk, one: string, other: string): boolean {
  const left = disk.place(one);
  const right = disk.place(other);
  const first = left.folder.names.get(left.name);
  const second = right.folder.names.get(right.name);
  if (first === undefined || second === undefined) return false;
  disk.change([
    { ...left, inode: second },
    { ...right, inode: first },
  ]);
  return true;
}

type ChangeCall = (what: string, path: string, act: () => void) => Promise<void>;

/** From its leaves to its top, one name after the other. */
async function removeTree(disk: Disk, path: string, change: ChangeCall): Promise<void> {
  const inode = disk.find(path);
  if (inode === undefined) return;
  for (const name of inode.names.keys()) await removeTree(disk, `${path}/${name}`, change);
  await change("unlink", path, () => {
    const { folder, name } = disk.place(path);
    disk.change([{ folder, name, inode: undefined }]);
  });
}
