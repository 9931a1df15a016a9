import { createHash } from "node:crypto";
import fs from "node:fs";
import os from "node:os";
import path from "node:path";
import type { Unpacked, UnpackRequest } from "../../../src/drivers/archives/archive.ts";
import { unpackHere } from "../../../src/drivers/archives/unpacking/unpack-here.ts";

export const roomy = { unpackedSize: 1024 ** 3, entries: 10_000, depth: 64, ratio: 200 };

/** A folder to unpack into, with canaries around it that nobody may touch. */
export interface Arena extends Disposable {
  readonly base: string;
  readonly folder: string;
  /** Unpacks these bytes in this thread. */
  unpack(bytes: Buffer, wish?: Partial<UnpackRequest>): Promise<Unpacked>;
  /** Everything outside the folder, and everything inside it. */
  outside(): readonly string[];
  inside(): readonly string[];
}

export function arena(): Arena {
  const base = fs.mkdtempSync(path.join(os.tmpdir(), "dropship-archive-"));
  const folder = path.join(base, "nest", "folder");
  fs.mkdirSync(folder, { recursive: true });
  for (const canary of ["canary", "nest/canary", "nest/evil", "nest/folder-canary"]) {
    fs.writeFileSync(path.join(base, canary), "untouched");
  }
  const artifact = path.join(base, "artifact");
  return {
    base,
    folder,
    async unpack(bytes, wish = {}) {
      fs.writeFileSync(artifact, bytes);
      return unpackHere(request(artifact, folder, wish), () => {});
    },
    outside: () => tree(base).filter((line) => !line.startsWith("nest/folder/") && !line.startsWith("artifact ")),
    inside: () => tree(folder),
    [Symbol.dispose]: () => fs.rmSync(base, { recursive: true, force: true }),
  };
}

export function request(file: string, folder: string, wish: Partial<UnpackRequest> = {}): UnpackRequest {
  return { file, folder, contentTypeOverrules: false, fileName: "artifact", limits: roomy, sync: false, ...wish };
}

/** One line for each thing below a folder: path, type, permission, and link target or digest of the content. */
export function tree(folder: string): readonly string[] {
  return fs
    .readdirSync(folder, { withFileTypes: true, recursive: true })
    .map((item) => {
      const full = path.join(item.parentPath, item.name);
      const name = path.relative(folder, full);
      if (item.isSymbolicLink()) return `${name} link ${fs.readlinkSync(full)}`;
      const mode = (fs.statSync(full).mode & 0o7777).toString(8);
      if (item.isDirectory()) return `${name} folder ${mode}`;
      if (!item.isFile()) return `${name} other`;
      return `${name} file ${mode} ${createHash("sha256").update(fs.readFileSync(full)).digest("hex")}`;
    })
    .sort();
}
