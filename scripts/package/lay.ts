import { chmodSync, lutimesSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Entry } from "./entry.ts";

/** Lays the entries into a new folder; whoever packs it finds the same modes and times, whatever the umask and the day. */
export function lay(folder: string, entries: readonly Entry[], seconds: number): void {
  mkdirSync(folder);
  for (const entry of entries) {
    const path = join(folder, entry.path);
    mkdirSync(dirname(path), { recursive: true });
    if ("link" in entry) symlinkSync(entry.link, path);
    else if ("folder" in entry) mkdirSync(path, { recursive: true });
    else {
      writeFileSync(path, entry.content);
      chmodSync(path, entry.mode);
    }
  }
  const below = readdirSync(folder, { withFileTypes: true, recursive: true });
  const folders = below.filter((found) => found.isDirectory()).map(pathOf);
  for (const path of [folder, ...folders]) chmodSync(path, 0o755);
  for (const path of [...below.map(pathOf), folder]) lutimesSync(path, seconds, seconds);
}

function pathOf({ parentPath, name }: { readonly parentPath: string; readonly name: string }): string {
  return join(parentPath, name);
}
