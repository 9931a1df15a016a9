import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";

export const root = join(import.meta.dirname, "..", "..");

/** What a package is made of, as far as its name and its times tell. */
export interface Commit {
  readonly version: string;
  /** Seconds since 1970: SOURCE_DATE_EPOCH, else the commit's. */
  readonly seconds: number;
}

/** A commit that has the version's tag is that version; any other comes before it, in the order of the commits' times. */
export function describeCommit(): Commit {
  const { version } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { version: string };
  const given = process.env["SOURCE_DATE_EPOCH"];
  const seconds = Number(given ?? git("log", "-1", "--format=%ct"));
  if (!Number.isSafeInteger(seconds)) throw new Error(`SOURCE_DATE_EPOCH is no number of seconds: ${given}`);
  if (git("tag", "--points-at", "HEAD").split("\n").includes(`v${version}`)) return { version, seconds };
  const moment = new Date(seconds * 1000).toISOString().replaceAll(/\D/g, "").slice(0, 14);
  const changed = git("status", "--porcelain") === "" ? "" : ".changed";
  return { version: `${version}~git${moment}.${git("rev-parse", "--short=10", "HEAD")}${changed}`, seconds };
}

function git(...words: string[]): string {
  return execFileSync("git", ["-C", root, ...words], { encoding: "utf8" }).trim();
}
