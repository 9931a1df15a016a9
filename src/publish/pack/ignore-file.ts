import { isUtf8 } from "node:buffer";
import { closeSync, constants, fstatSync, openSync, readFileSync } from "node:fs";
import { getSystemErrorMessage } from "node:util";
import { failure } from "../../domain/failures/failure.ts";
import { type IgnoreRules, readIgnoreRules } from "../../domain/publishing/ignore-rules.ts";
import type { HeldTree } from "./held-tree.ts";

const ignoreFile = ".dropshipignore";
/** Stand before the lines of the ignore file, which may bring them back. */
const always = `.git\n/${ignoreFile}\n`;
const longest = 1024 * 1024;
const flags = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const followed = constants.O_RDONLY | constants.O_NONBLOCK;

/** The rules of the ignore file that was named; else of the folder's own, if it has one. Throws "ignore-file-unusable". */
export function ignoreRulesOf(held: HeldTree, folder: string, named?: string): IgnoreRules {
  const unusable = (reason: string, cause?: unknown) =>
    failure("ignore-file-unusable", { path: named ?? `${folder}/${ignoreFile}`, reason }, cause);
  let bytes: Buffer;
  try {
    const descriptor = openSync(named ?? `${held.enter("")}/${ignoreFile}`, named === undefined ? flags : followed);
    try {
      const stats = fstatSync(descriptor);
      if (!stats.isFile()) throw unusable("it is no file");
      if (stats.size > longest) throw unusable("it is too long");
      bytes = readFileSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    const { code, errno } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" && named === undefined) return readIgnoreRules([always]);
    if (code === "ELOOP") throw unusable("it is a link", error);
    throw errno === undefined ? error : unusable(getSystemErrorMessage(errno), error);
  }
  if (!isUtf8(bytes)) throw unusable("it is not UTF-8");
  return readIgnoreRules([always, bytes.toString("utf8")]);
}
