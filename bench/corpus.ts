import { execFileSync } from "node:child_process";
import { globSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const root = join(import.meta.dirname, "..");

export interface Corpus {
  readonly files: number;
  /** Unpacked bytes. */
  readonly bytes: number;
  readonly gz: string;
  readonly zst: string;
}

/**
 * A release like those of real services: large binaries and thousands of small files, taken from the installed dependencies
 * of this project in the order of their names until `size` bytes are reached.
 */
export function makeCorpus(folder: string, size: number): Corpus {
  const names = globSync("node_modules/**", { cwd: root, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(root.length + 1))
    .sort();
  const taken: string[] = [];
  let bytes = 0;
  for (const name of names) {
    const { size: more } = statSync(join(root, name));
    if (bytes + more > size * 1.02) continue;
    taken.push(name);
    bytes += more;
  }
  writeFileSync(join(folder, "names"), taken.map((name) => `${name}\n`).join(""));
  const tar = join(folder, "corpus.tar");
  execFileSync("tar", ["-C", root, "-cf", tar, "--files-from", join(folder, "names")]);
  execFileSync("gzip", ["-kf", tar]);
  execFileSync("zstd", ["-qf", tar]);
  return { files: taken.length, bytes, gz: `${tar}.gz`, zst: `${tar}.zst` };
}
