import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestContext } from "node:test";

/** A small file system of its own in memory, `options` as of mount(8); needs root. Gone when the test ends. */
export function smallDisk(test: TestContext, options: string): string {
  const folder = mountPoint(test);
  execFileSync("mount", ["-t", "tmpfs", "-o", `mode=755,${options}`, "tmpfs", folder]);
  return folder;
}

/** A small ext4 in a file; needs root. */
export function smallExt4(test: TestContext): string {
  const folder = mountPoint(test);
  const image = join(folder, "../image");
  execFileSync("truncate", ["-s", "16M", image]);
  execFileSync("mkfs.ext4", ["-q", image]);
  execFileSync("mount", ["-o", "loop", image, folder]);
  return folder;
}

/** An ext4 that says to be larger than what it stands on: writing goes well, and bringing it to disk does not; needs root. */
export function lyingExt4(test: TestContext): string {
  const below = smallDisk(test, "size=24m");
  const folder = mountPoint(test);
  const image = join(below, "image");
  execFileSync("truncate", ["-s", "200M", image]);
  execFileSync("mkfs.ext4", ["-q", image]);
  execFileSync("mount", ["-o", "loop", image, folder]);
  return folder;
}

export function remount(folder: string, access: "ro" | "rw"): void {
  execFileSync("mount", ["-o", `remount,${access}`, folder]);
}

function mountPoint(test: TestContext): string {
  const top = realpathSync(mkdtempSync(join(tmpdir(), "dropship-disk-")));
  const folder = join(top, "disk");
  mkdirSync(folder);
  test.after(() => {
    spawnSync("umount", ["--lazy", folder]);
    rmSync(top, { recursive: true, force: true });
  });
  return folder;
}
