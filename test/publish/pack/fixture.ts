import { execFileSync } from "node:child_process";
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { TestContext } from "node:test";
import { defaultLimits } from "../../../src/domain/service.ts";
import type { PackFormat, PreparedArtifact, PrepareRequest } from "../../../src/publish/pack/artifact.ts";
import { packFolder } from "../../../src/publish/pack/pack-folder.ts";
import { prepareArtifact } from "../../../src/publish/pack/prepare-artifact.ts";
import { createScratchFile } from "../../../src/publish/pack/scratch-file.ts";
import { randomFrom } from "../../random-from.ts";

/** By path: a file's content; a link; a program; a folder, whose path ends with a slash. */
export type Plan = Readonly<Record<string, string | Buffer | { readonly link: string } | { readonly program: string }>>;

/** Bytes like those of a program: they can be packed, but not to nothing. */
export function noise(length: number): Buffer {
  const random = randomFrom(length);
  return Buffer.from(Array.from({ length }, () => Math.floor(random() * 24)));
}

/** A tree with what real applications hold: long and foreign names, links, programs, empty things. */
export const application: Plan = {
  "bin/run": { program: "#!/bin/sh\n" },
  "bin/link": { link: "run" },
  "bin/link-to-link": { link: "link" },
  "empty/": "",
  "lib/a": "a",
  "lib/a-b": "between a and what is in a folder a",
  "lib/B": "capital",
  "lib/a.d/x": "x",
  "lib-2": "not in lib",
  [`deep/${"d".repeat(90)}/${"e".repeat(90)}/long.txt`]: "a path over 100 bytes",
  [`exactly-100-${"x".repeat(88)}`]: "fits",
  [`over-100-${"y".repeat(92)}`]: "does not",
  [`cut-${"z".repeat(95)}\u00e9\u00e9`]: "cut in the middle of a character",
  "caf\u00e9 \u6771\u4eac.txt": "not ASCII",
  "to-far": { link: `deep/${"d".repeat(90)}/${"e".repeat(90)}/long.txt` },
  "to-caf\u00e9": { link: "caf\u00e9 \u6771\u4eac.txt" },
  "with space & 'quotes'": "",
  "block.bin": Buffer.alloc(512, 7),
  "large.bin": noise(2_500_001),
  ".hidden": "published, too",
  "-rf": "a name like an option",
};

export function emptyFolder(t: TestContext): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), "dropship-pack-")));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** The same plan, to be laid down in another order. */
export function shuffled(plan: Plan, seed: number): Plan {
  const random = randomFrom(seed);
  const keyed = Object.entries(plan).map((entry) => ({ entry, key: random() }));
  return Object.fromEntries(keyed.sort((one, other) => one.key - other.key).map(({ entry }) => entry));
}

/** Lays a tree down, in the order of the plan. */
export function lay(folder: string, plan: Plan): string {
  mkdirSync(folder, { recursive: true });
  for (const [path, what] of Object.entries(plan)) {
    const place = join(folder, path);
    mkdirSync(path.endsWith("/") ? place : dirname(place), { recursive: true });
    if (path.endsWith("/")) continue;
    if (typeof what === "string" || Buffer.isBuffer(what)) writeFileSync(place, what);
    else if ("link" in what) symlinkSync(what.link, place);
    else writeFileSync(place, what.program, { mode: 0o777 });
  }
  return folder;
}

export function request(t: TestContext, source: string, wish: Partial<PrepareRequest> = {}): PrepareRequest {
  return {
    source,
    format: "tar.zst",
    limits: defaultLimits,
    scratch: emptyFolder(t),
    signal: new AbortController().signal,
    onProgress: () => undefined,
    onRefused: () => undefined,
    ...wish,
  };
}

export interface Packed extends Omit<PreparedArtifact, "file" | keyof AsyncDisposable> {
  readonly bytes: Buffer;
}

/** Prepares an artifact, takes its bytes and disposes of it; then nothing may be left. */
export async function pack(t: TestContext, source: string, wish: Partial<PrepareRequest> = {}): Promise<Packed> {
  const asked = request(t, source, wish);
  const { facts, bytes } = await taken(asked);
  const left = readdirSync(asked.scratch);
  if (left.length > 0) throw new Error(`left behind: ${left.join(", ")}`);
  return { ...facts, bytes };
}

async function taken(asked: PrepareRequest) {
  await using artifact = await prepareArtifact(asked);
  const { file, [Symbol.asyncDispose]: _dispose, ...facts } = artifact;
  return { facts, bytes: readFileSync(file) };
}

/** Packs a folder, and has nobody judge the result: that takes a thread and its time. */
export async function packHere(t: TestContext, source: string, format: PackFormat = "tar.zst") {
  const asked = request(t, source, { format });
  await using file = await createScratchFile(asked.scratch);
  const { tree } = await packFolder(source, file, asked);
  const { sha256 } = await file.finish();
  return { tree, sha256, bytes: readFileSync(file.path) };
}

/** What GNU tar writes of all that is in a folder. */
export function gnuTar(folder: string): Buffer {
  const names = readdirSync(folder, { encoding: "buffer" }).sort(Buffer.compare);
  const options = [
    "--sort=name",
    "--format=posix",
    "--pax-option=delete=atime,delete=ctime",
    "--mtime=@0",
    "--owner=0",
    "--group=0",
    "--numeric-owner",
    "--mode=u=rwX,go=rX",
    "--blocking-factor=1",
  ];
  const list = Buffer.concat(names.flatMap((name) => [name, Buffer.from([0])]));
  const input = { input: list, maxBuffer: 2 ** 30, cwd: folder, env: { ...process.env, LC_ALL: "C" } };
  return execFileSync("tar", [...options, "--null", "--verbatim-files-from", "-T", "-", "-cf", "-"], input);
}
