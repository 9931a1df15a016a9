import { isUtf8 } from "node:buffer";
import { accessSync, type BigIntStats, constants, lstatSync, readlinkSync } from "node:fs";
import { placed, shownName } from "../../domain/archive-names.ts";
import type { EntryKind } from "../../domain/archive-tree.ts";
import { type Failure, failure } from "../../domain/failures/failure.ts";
import { sourceFailure } from "./source-failure.ts";
import type { TarEntry } from "./tar-head.ts";

/** One thing that is published. */
export interface TreeEntry extends TarEntry {
  /** Of a file: another one after every change. */
  readonly stamp: string;
}

/** Relative to the folder that is published. */
export interface Path {
  readonly text: string;
  /** One character for each byte of the name on disk, which may be no text at all. */
  readonly bytes: string;
}

/** Something that stands in the folder. */
export interface Met {
  readonly path: Path;
  /** Where the system finds it. */
  readonly at: Buffer;
  readonly stats: BigIntStats;
}

/** Looks at `name` in a folder; `door` is where the system finds that one. Follows no link. */
export function meet(door: string, folder: Path, name: Buffer): Met {
  const bytes = below(folder.bytes, name.toString("latin1"));
  const path = { bytes, text: isUtf8(name) ? below(folder.text, name.toString("utf8")) : bytes };
  const at = Buffer.concat([Buffer.from(`${door}/`), name]);
  return { path, at, stats: reading(path, () => lstatSync(at, { bigint: true })) };
}

/** What becomes of it; or the failure for what cannot be published whatever it is called. `offset`: in the tar, for messages. */
export function entryOf(met: Met, offset: number): TreeEntry | Failure {
  const { path, at, stats } = met;
  const place = { name: path.text, offset };
  if (!isUtf8(Buffer.from(path.bytes, "latin1"))) {
    return failure("archive-unsafe-path", placed(place, "it is not UTF-8"));
  }
  const kind = kindOf(stats);
  if (kind === undefined) return failure("archive-forbidden-entry", placed(place, `it is a ${oddKindOf(stats)}`));
  const entry = { path: path.text, kind, size: 0, executable: false, target: "", stamp: "" };
  if (kind === "directory") return entry;
  if (kind === "symlink") {
    const target = reading(path, () => readlinkSync(at, { encoding: "buffer" }));
    if (isUtf8(target)) return { ...entry, target: target.toString("utf8") };
    const details = { ...placed(place, "the target is not UTF-8"), target: shownName(target.toString("latin1")) };
    return failure("archive-unsafe-link", details);
  }
  const executable = (stats.mode & 0o111n) !== 0n;
  return unreadable(met) ?? { ...entry, size: Number(stats.size), executable, stamp: stampOf(stats) };
}

/** Content, mode, owner and links of a file cannot change without a change of this. */
export function stampOf({ size, mtimeNs, ctimeNs }: BigIntStats): string {
  return `${size} ${mtimeNs} ${ctimeNs}`;
}

function below(folder: string, name: string): string {
  return folder === "" ? name : `${folder}/${name}`;
}

function reading<Value>(path: Path, act: () => Value): Value {
  try {
    return act();
  } catch (error) {
    throw sourceFailure(path.text, error);
  }
}

/** Known before a byte is packed, and for all files at once. */
function unreadable({ path, at }: Met): Failure | undefined {
  try {
    accessSync(at, constants.R_OK);
    return undefined;
  } catch (error) {
    return sourceFailure(path.text, error);
  }
}

function kindOf(stats: BigIntStats): EntryKind | undefined {
  if (stats.isFile()) return "file";
  if (stats.isDirectory()) return "directory";
  return stats.isSymbolicLink() ? "symlink" : undefined;
}

function oddKindOf(stats: BigIntStats): string {
  if (stats.isSocket()) return "socket";
  if (stats.isFIFO()) return "FIFO";
  return stats.isBlockDevice() ? "block device" : "character device";
}
