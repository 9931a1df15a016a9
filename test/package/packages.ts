import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after } from "node:test";

const root = join(import.meta.dirname, "..", "..");

/** A folder for packages that goes when the tests of this file are over. */
export function packageFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "dropship-packages-"));
  after(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** Runs `npm run package` quickly and gives the paths of what it made. `prefix`: a program that runs it in another way. */
export function makePackages(
  out: string,
  options: readonly string[] = [],
  {
    prefix = [],
    environment = {},
  }: { readonly prefix?: readonly string[]; readonly environment?: NodeJS.ProcessEnv } = {},
): readonly string[] {
  const [program = "", ...words] = [...prefix, process.execPath, join(root, "scripts", "package.ts")];
  execFileSync(program, [...words, "--out", out, "--quick", "--arch", ownArchitecture(), ...options], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: ["ignore", "ignore", "inherit"],
    timeout: 170_000,
  });
  return readdirSync(out)
    .toSorted()
    .map((name) => join(out, name));
}

/** As dpkg calls it. */
function ownArchitecture(): string {
  return execFileSync("dpkg", ["--print-architecture"], { encoding: "utf8" }).trim();
}
