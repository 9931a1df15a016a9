// node scripts/apt-repository.ts --key KEY --out DIR PACKAGE.deb...: adds packages to a signed repository for apt, a folder that
// any web server or public bucket can serve. What is in DIR already stays. Needs gpg (with KEY) and dpkg-deb.
import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { copyFileSync, globSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { gzipSync } from "node:zlib";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { key: { type: "string" }, out: { type: "string" }, suite: { type: "string", default: "stable" } },
});
const { key, suite } = values;
if (key === undefined || values.out === undefined)
  throw new Error("Write it like this: node scripts/apt-repository.ts --key KEY --out DIR PACKAGE.deb...");
const out = resolve(values.out);

mkdirSync(join(out, "pool"), { recursive: true });
for (const path of positionals) copyFileSync(path, join(out, "pool", basename(path)));
const packages = globSync("pool/*.deb", { cwd: out }).toSorted().map(describe);
const architectures = [...new Set(packages.map(({ architecture }) => architecture))].toSorted();
const indexes = architectures.flatMap((architecture) => writeIndexes(architecture));
sign(releaseFile(indexes));
console.log(`${out}: ${packages.length} packages for ${architectures.join(", ")}`);

interface Index {
  /** From the folder of the suite. */
  readonly path: string;
  readonly content: Buffer;
}

function describe(path: string) {
  const file = join(out, path);
  const control = execFileSync("dpkg-deb", ["--field", file], { encoding: "utf8" }).trimEnd();
  const architecture = /^Architecture: (.+)$/m.exec(control)?.[1];
  if (architecture === undefined) throw new Error(`${file} does not say its architecture.`);
  const content = readFileSync(file);
  return {
    architecture,
    stanza: `${control}\nFilename: ${path}\nSize: ${content.length}\nSHA256: ${sha256(content)}\n`,
  };
}

/**
 * Also under the name of its digest: who has the old Release file while a new one is uploaded still finds what belongs to it.
 */
function writeIndexes(architecture: string): readonly Index[] {
  const stanzas = packages.filter((one) => one.architecture === architecture).map(({ stanza }) => stanza);
  const plain = Buffer.from(stanzas.join("\n"));
  const folder = `main/binary-${architecture}`;
  const indexes = [
    { path: `${folder}/Packages`, content: plain },
    { path: `${folder}/Packages.gz`, content: gzipSync(plain, { level: 9 }) },
  ];
  for (const { path, content } of indexes) {
    write(path, content);
    write(join(dirname(path), "by-hash", "SHA256", sha256(content)), content);
  }
  return indexes;
}

function releaseFile(indexes: readonly Index[]): string {
  const sums = indexes.map(({ path, content }) => ` ${sha256(content)} ${content.length} ${path}`);
  return `Origin: Dropship
Label: Dropship
Suite: ${suite}
Codename: ${suite}
Architectures: ${architectures.join(" ")}
Components: main
Acquire-By-Hash: yes
Date: ${new Date().toUTCString().replace("GMT", "UTC")}
SHA256:
${sums.join("\n")}
`;
}

/** InRelease comes last, by a rename: it is what makes the rest count. */
function sign(release: string): void {
  const gpg = (...words: string[]) =>
    execFileSync("gpg", ["--batch", "--yes", "--local-user", `${key}`, ...words], { input: release });
  writeFileSync(join(out, "dropship.gpg"), execFileSync("gpg", ["--batch", "--export", `${key}`]));
  write("Release", Buffer.from(release));
  write("Release.gpg", gpg("--armor", "--detach-sign"));
  write("InRelease", gpg("--clearsign"));
}

function write(path: string, content: Buffer): void {
  const file = join(out, "dists", suite, path);
  mkdirSync(dirname(file), { recursive: true });
  rmSync(`${file}.new`, { force: true });
  writeFileSync(`${file}.new`, content);
  renameSync(`${file}.new`, file);
}

function sha256(content: Buffer): string {
  return createHash("sha256").update(content).digest("hex");
}
