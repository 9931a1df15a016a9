import { execFileSync } from "node:child_process";
import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** A release before it is packed: its files and what is in them. */
export type Content = Readonly<Record<string, string>>;

/** Packs `content` and puts the archive in the place of `path` by one rename. */
export function publishFile(path: string, content: Content): void {
  const folder = `${path}.content`;
  mkdirSync(folder);
  for (const [name, text] of Object.entries(content)) writeFileSync(join(folder, name), text, { mode: 0o644 });
  execFileSync("tar", ["czf", `${path}.new`, "-C", folder, "."]);
  renameSync(`${path}.new`, path);
  rmSync(folder, { recursive: true });
}
