import { execFile } from "node:child_process";
import { type BigIntStats, constants } from "node:fs";
import {
  copyFile,
  type FileHandle,
  lchown,
  lstat,
  mkdir,
  open,
  readdir,
  readlink,
  realpath,
  rename,
  statfs,
  symlink,
} from "node:fs/promises";
import { failure } from "../domain/failures/failure.ts";
import type { FileLook, Files, HeldFolder } from "./ports.ts";
import { removeTree } from "./remove-tree.ts";

/** The real file system. */
export const files: Files = {
  look,
  names: async (folder) => (await unlessMissing(readdir(folder))) ?? [],
  read: (path) => unlessMissing(read(path)),
  chunks,
  hold,
  linkText: (path) => readlink(path),
  realPath: (path) => realpath(path),
  write,
  makeFolder: async (path, mode) => {
    await mkdir(path, { mode: mode & 0o700 });
    await setFolderMode(path, mode);
  },
  copyFile: copyWhole,
  setMode: setFolderMode,
  setOwner: lchown,
  makeLink: symlink,
  rename,
  exchange,
  remove: removeTree,
  sync,
  space: async (path) => {
    const { bavail, bsize, files: inodes, ffree } = await statfs(path);
    // Some file systems make inodes as they need them and state none at all.
    return { bytes: bavail * bsize, inodes: inodes === 0 ? Number.POSITIVE_INFINITY : ffree };
  },
};

async function look(path: string): Promise<FileLook | undefined> {
  const stats = await unlessMissing(lstat(path, { bigint: true }));
  return stats && lookOf(stats);
}

function lookOf(stats: BigIntStats): FileLook {
  return {
    kind: stats.isDirectory() ? "folder" : stats.isFile() ? "file" : stats.isSymbolicLink() ? "link" : "other",
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: Number(stats.size),
    inode: String(stats.ino),
    device: String(stats.dev),
  };
}

async function hold(folder: string): Promise<HeldFolder> {
  const handle = await open(folder, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  return {
    // Not "self": a program that the agent runs (sync) has to find the same folder there.
    path: `/proc/${process.pid}/fd/${handle.fd}`,
    look: lookOf(await handle.stat({ bigint: true })),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

/** Never that of what a link leads to: whoever may write in the folder above could put one in its place. */
async function setFolderMode(path: string, mode: number): Promise<void> {
  await using handle = await open(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  await naming(path, () => handle.chmod(mode));
}

/** No document of ours is longer. */
const longestText = 16 * 1024 * 1024;

async function read(path: string): Promise<string> {
  await using handle = await openFile(path);
  if ((await handle.stat()).size > longestText) throw refusal("EFBIG", path);
  return await naming(path, () => handle.readFile("utf8"));
}

async function* chunks(path: string): AsyncGenerator<Uint8Array> {
  const handle = await openFile(path);
  yield* handle.createReadStream();
}

/** Opens a file and nothing else: a pipe that somebody put into its place would be waited for, a device read without end. */
async function openFile(path: string): Promise<FileHandle> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw refusal("EINVAL", path);
}

function refusal(code: string, path: string): Error {
  return Object.assign(new Error(`${code}: not a file of ours, open '${path}'`), { code, path, syscall: "open" });
}

async function write(path: string, content: string | Uint8Array, mode: number): Promise<void> {
  await using handle = await open(path, "wx", mode & 0o600);
  await naming(path, async () => {
    const bytes = Buffer.from(content);
    for (let done = 0; done < bytes.length; ) {
      done += (await handle.write(bytes, done, bytes.length - done, done)).bytesWritten;
    }
    await handle.chmod(mode);
    await handle.sync();
  });
}

async function copyWhole(from: string, to: string): Promise<void> {
  await using source = await open(from, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  // Of the open file, not of its name: whoever may write in that folder could have put another file there meanwhile.
  const original = await source.stat();
  if (!original.isFile()) throw failure("not-adoptable", { path: from });
  await copyFile(`/proc/self/fd/${source.fd}`, to, constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE);
  await using handle = await open(to, constants.O_RDONLY | constants.O_NOFOLLOW);
  await naming(to, async () => {
    await handle.chown(original.uid, original.gid);
    // After chown, which takes set-user-id bits away.
    await handle.chmod(original.mode & 0o7777);
    await handle.utimes(original.atime, original.mtime);
    await handle.sync();
  });
}

async function sync(path: string): Promise<void> {
  await using handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW);
  await naming(path, () => handle.sync());
}

/** The system's errors about an open file do not say which one it is. */
async function naming<Value>(path: string, operation: () => Promise<Value>): Promise<Value> {
  try {
    return await operation();
  } catch (error) {
    throw error instanceof Error ? Object.assign(error, { path }) : error;
  }
}

/** renameat2(2) has no binding in Node. Perl is on every Debian (perl-base is essential); `mv` can do it from coreutils 9.5 on. */
const exchangeCall: Readonly<Record<string, number>> = { x64: 316, arm64: 276 };
/** Does nothing once the agent is gone: whoever comes after it must not find the names swapped behind its back. */
const perlExchange =
  "exit 2 if getppid() != shift; exit(syscall(0 + shift, -100, shift(), -100, shift(), 2) == 0 ? 0 : 1)";

async function exchange(one: string, other: string): Promise<boolean> {
  const before = await look(one);
  // A tool that was ended may have done it all the same: only the disk knows.
  const swapped = async () => (await look(one))?.inode !== before?.inode;
  const call = exchangeCall[process.arch];
  if (call !== undefined) {
    await attempt("perl", ["-e", perlExchange, "--", String(process.pid), String(call), one, other]);
    if (await swapped()) return true;
  }
  await attempt("mv", ["--exchange", "--no-copy", "--no-target-directory", "--", one, other]);
  return swapped();
}

function attempt(program: string, args: readonly string[]): Promise<void> {
  const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };
  return new Promise((resolve) => {
    execFile(program, args, { env, timeout: 10_000, killSignal: "SIGKILL" }, () => resolve());
  });
}

async function unlessMissing<Value>(operation: Promise<Value>): Promise<Value | undefined> {
  try {
    return await operation;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return undefined;
    throw error;
  }
}
