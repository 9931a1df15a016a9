import { execFileSync } from "node:child_process";
import { closeSync, createReadStream, createWriteStream, mkdtempSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import type { Commit } from "./commit.ts";

/** Packs a laid tree as a .tar.gz that is unpacked at the root of a host without dpkg, and gives its path. */
export async function packTarball(
  folder: string,
  { version, seconds }: Commit,
  { architecture, out, level }: { readonly architecture: string; readonly out: string; readonly level: number },
): Promise<string> {
  const path = join(out, `dropship_${version}_${architecture}.tar.gz`);
  const own = mkdtempSync(join(out, "tar-"));
  try {
    const plain = join(own, "tree.tar");
    const alike = ["--format=gnu", "--sort=name", `--mtime=@${seconds}`, "--owner=0", "--group=0", "--numeric-owner"];
    const handle = openSync(plain, "w");
    execFileSync("tar", ["-c", ...alike, "-C", folder, "etc", "usr"], { stdio: ["ignore", handle, "inherit"] });
    closeSync(handle);
    // Node's zlib writes no time and no name, and is the same wherever this runs.
    await pipeline(createReadStream(plain), createGzip({ level }), createWriteStream(path));
  } finally {
    rmSync(own, { recursive: true });
  }
  return path;
}
