import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { chmodSync, mkdirSync, readFileSync, renameSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Commit, root } from "./commit.ts";
import type { Entry } from "./entry.ts";
import { configurationFiles, maintainer } from "./tree.ts";

export interface DebOptions {
  readonly commit: Commit;
  readonly architecture: string;
  readonly entries: readonly Entry[];
  /** Where `entries` were laid; the control files are put into it. */
  readonly folder: string;
  readonly out: string;
  /** Packs in seconds, and larger. */
  readonly quick: boolean;
}

/** Packs a laid tree as a .deb (deb(5)) and gives its path. */
export function packDeb({ commit, architecture, entries, folder, out, quick }: DebOptions): string {
  const { version, seconds } = commit;
  const files = entries.flatMap((entry) => ("content" in entry ? [entry] : []));
  const size = Math.ceil(files.reduce((sum, { content }) => sum + Buffer.byteLength(content), 0) / 1024);
  const scripts = ["postinst", "prerm", "postrm"].map((name) => [name, read(`debian/${name}`), 0o755] as const);
  const control = join(folder, "DEBIAN");
  mkdirSync(control);
  chmodSync(control, 0o755);
  for (const [name, text, mode] of [
    ["control", controlFile(version, architecture, size), 0o644] as const,
    ["conffiles", configurationFiles.map((path) => `${path}\n`).join(""), 0o644] as const,
    ["md5sums", checksums(files), 0o644] as const,
    ...scripts,
  ]) {
    writeFileSync(join(control, name), text);
    chmodSync(join(control, name), mode);
    utimesSync(join(control, name), seconds, seconds);
  }
  for (const changed of [control, folder]) utimesSync(changed, seconds, seconds);
  const path = join(out, `dropship_${version}_${architecture}.deb`);
  const compression = quick ? ["-Zgzip", "-z1"] : ["-Zxz", "-z6"];
  const words = ["--root-owner-group", ...compression, "--build", folder, `${path}.part`];
  execFileSync("dpkg-deb", words, {
    env: { ...process.env, SOURCE_DATE_EPOCH: String(seconds), LC_ALL: "C" },
    stdio: ["ignore", "ignore", "inherit"],
  });
  // One that was cut short is not to be taken for a package.
  renameSync(`${path}.part`, path);
  return path;
}

/** The libraries are those that Node 26 is linked with, in the versions whose symbols it asks for. */
function controlFile(version: string, architecture: string, size: number): string {
  return `Package: dropship
Version: ${version}
Architecture: ${architecture}
Maintainer: ${maintainer}
Installed-Size: ${size}
Pre-Depends: init-system-helpers (>= 1.54~)
Depends: libatomic1 (>= 4.8), libc6 (>= 2.28), libgcc-s1 (>= 3.0), libstdc++6 (>= 5.2)
Section: admin
Priority: optional
Description: keeps the software on servers up to date by pulling
 One agent runs on each server; one small file per service says which artifact
 to follow in a store (S3, OpenStack Swift, a web server, a folder), where it
 goes, and how to restart the service. A new release is fetched and unpacked
 beside the running one, switched to by one rename, and rolled back by itself
 when it is not healthy. Hosts take turns, and a bad release stops at the first.
 .
 The package brings the runtime that it needs.
`;
}

function checksums(files: readonly { readonly path: string; readonly content: string | Uint8Array }[]): string {
  return files
    .filter(({ path }) => !configurationFiles.includes(`/${path}`))
    .toSorted((one, other) => (one.path < other.path ? -1 : 1))
    .map(({ path, content }) => `${createHash("md5").update(content).digest("hex")}  ${path}\n`)
    .join("");
}

function read(name: string): string {
  return readFileSync(join(root, "packaging", name), "utf8");
}
