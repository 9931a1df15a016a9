import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./commit.ts";
import { strip } from "./strip.ts";

/** As Debian names processors, and as Node does. */
export const architectures = { amd64: "x64", arm64: "arm64" } as const;
export type Architecture = keyof typeof architectures;

/** The program that runs Dropship on the host, and the licences of all that is in it. */
export interface Runtime {
  readonly program: Buffer;
  readonly licence: Buffer;
}

/** The Node of package-lock.json for a processor: the bytes that the lock names, and no others. npm has looked at ours. */
export function runtimeFor(architecture: Architecture): Runtime {
  const name = `node-linux-${architectures[architecture]}`;
  if (process.platform === "linux" && process.arch === architectures[architecture]) return installed(name);
  const lock = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8"));
  const { version, integrity } = lock.packages[`node_modules/${name}`] as { version: string; integrity: string };
  const file = join(root, ".cache", "runtime", `${name}-${version}.tgz`);
  if (!existsSync(file)) download(name, version, file);
  const digest = `sha512-${createHash("sha512").update(readFileSync(file)).digest("base64")}`;
  if (digest !== integrity) throw new Error(`${file} is not what package-lock.json names: ${digest}. Remove it.`);
  const read = (path: string) =>
    execFileSync("tar", ["-xzOf", file, `package/${path}`], { maxBuffer: 512 * 1024 * 1024 });
  return { program: strip(read("bin/node")), licence: read("LICENSE") };
}

function installed(name: string): Runtime {
  const folder = join(root, "node_modules", name);
  return { program: strip(readFileSync(join(folder, "bin", "node"))), licence: readFileSync(join(folder, "LICENSE")) };
}

function download(name: string, version: string, file: string): void {
  const folder = join(root, ".cache", "runtime");
  mkdirSync(folder, { recursive: true });
  const own = mkdtempSync(join(folder, "download-"));
  try {
    const words = ["pack", `${name}@${version}`, "--pack-destination", own, "--silent"];
    execFileSync("npm", words, { cwd: own, stdio: ["ignore", "ignore", "inherit"], timeout: 600_000 });
    renameSync(join(own, `${name}-${version}.tgz`), file);
  } finally {
    rmSync(own, { recursive: true });
  }
}
