// npm run package [-- --arch amd64,arm64] [--out DIR] [--version V] [--quick] [--deb-only]: makes the packages of this commit,
// with their own runtime, in out/. The same commit gives the same bytes. --quick compresses little, for tests.
import { mkdirSync, mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { parseArgs } from "node:util";
import { describeCommit, root } from "./package/commit.ts";
import { packDeb } from "./package/deb.ts";
import { lay } from "./package/lay.ts";
import { type Architecture, architectures, runtimeFor } from "./package/runtime.ts";
import { packTarball } from "./package/tarball.ts";
import { packageTree } from "./package/tree.ts";

const { values } = parseArgs({
  options: {
    arch: { type: "string", default: Object.keys(architectures).join(",") },
    out: { type: "string", default: join(root, "out") },
    version: { type: "string" },
    quick: { type: "boolean", default: false },
    "deb-only": { type: "boolean", default: false },
  },
});

const out = resolve(values.out);
mkdirSync(out, { recursive: true });
const found = describeCommit();
const commit = { ...found, version: values.version ?? found.version };
for (const architecture of values.arch.split(",")) {
  if (!isKnown(architecture))
    throw new Error(`Unknown --arch ${architecture}: ${Object.keys(architectures).join(", ")}`);
  for (const path of await packFor(architecture)) console.log(`${path}  ${megabytes(statSync(path).size)} MB`);
}

async function packFor(architecture: Architecture): Promise<readonly string[]> {
  const entries = packageTree(commit, runtimeFor(architecture));
  const work = mkdtempSync(join(tmpdir(), "dropship-package-"));
  try {
    const folder = join(work, "tree");
    lay(folder, entries, commit.seconds);
    const gzip = { architecture, out, level: values.quick ? 1 : 9 };
    const tarball = values["deb-only"] ? [] : [await packTarball(folder, commit, gzip)];
    return [packDeb({ commit, architecture, entries, folder, out, quick: values.quick }), ...tarball];
  } finally {
    rmSync(work, { recursive: true });
  }
}

function isKnown(word: string): word is Architecture {
  return Object.hasOwn(architectures, word);
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
