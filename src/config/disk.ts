import { closeSync, constants, fstatSync, openSync, readdirSync, readSync, realpathSync, statSync } from "node:fs";
import { hostname } from "node:os";
import type { ConfigPorts, FileFacts, ReadAnswer } from "./ports.ts";

/** The real files, environment and user. */
export function diskPorts(): ConfigPorts {
  return {
    read: readFile,
    list: listFolder,
    inspect: inspectPath,
    environment: process.env,
    userId: process.geteuid?.() ?? -1,
    workingDirectory: process.cwd(),
    hostname: hostname(),
  };
}

const problems: Readonly<Record<string, string>> = {
  ENOENT: "there is no such file",
  ENOTDIR: "a part of its path is not a folder",
  EACCES: "permission denied",
  EPERM: "permission denied",
  EISDIR: "it is a folder",
  ELOOP: "its links lead in a circle",
};

function readFile(path: string, limit: number): ReadAnswer {
  try {
    // A pipe or a device would make the agent wait or read without end, and some do something when they are opened.
    if (!statSync(path).isFile()) return { problem: "it is not a regular file" };
    const handle = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK | constants.O_NOCTTY);
    try {
      const stats = fstatSync(handle);
      if (!stats.isFile()) return { problem: "it is not a regular file" };
      return { bytes: readUpTo(handle, limit + 1), facts: { userId: stats.uid, mode: stats.mode & 0o7777 } };
    } finally {
      closeSync(handle);
    }
  } catch (thrown) {
    const code = codeOf(thrown);
    return { problem: problems[code] ?? code };
  }
}

/** Most files need one of these. */
const pieceSize = 16 * 1024;

function readUpTo(handle: number, limit: number): Uint8Array {
  const pieces: Buffer[] = [];
  let left = limit;
  while (left > 0) {
    const piece = Buffer.allocUnsafe(Math.min(pieceSize, left));
    const count = readSync(handle, piece, 0, piece.length, null);
    if (count === 0) break;
    pieces.push(piece.subarray(0, count));
    left -= count;
  }
  return Buffer.concat(pieces);
}

function codeOf(thrown: unknown): string {
  return thrown instanceof Error && "code" in thrown ? String(thrown.code) : String(thrown);
}

function listFolder(path: string): readonly string[] | undefined {
  try {
    return readdirSync(path);
  } catch {
    return undefined;
  }
}

function inspectPath(path: string): FileFacts | undefined {
  try {
    const { uid, mode } = statSync(path);
    return { userId: uid, mode: mode & 0o7777, realPath: realpathSync(path) };
  } catch {
    return undefined;
  }
}
