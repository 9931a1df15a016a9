import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { makeCorpus } from "./corpus.ts";
import { median, type Result } from "./measure.ts";
import type { PackReport } from "./pack-process.ts";

const size = 200e6;
const rounds = 5;
const sorted = "tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -cf - .";

interface Run {
  readonly seconds: number;
  /** User and system time of all that takes part. */
  readonly processor: number;
}

interface Contender {
  readonly name: string;
  readonly format: "tar.zst" | "tar.gz";
  /** Run by bash in the folder that is packed. */
  readonly command: string;
}

/** Packing a folder, against the pipes that people write by hand. */
export function measurePack(folder: string): Result {
  const corpus = makeCorpus(folder, size);
  const tree = join(folder, "tree");
  mkdirSync(tree);
  execFileSync("tar", ["-C", tree, "-xf", join(folder, "corpus.tar")]);
  const made = join(folder, "made");
  const contenders = contendersFor(tree, folder, made);
  const runs = new Map(contenders.map((one) => [one, [] as Run[]]));
  const sizes = new Map<Contender, number>();
  let peak = 0;
  // One round more than is counted: the first one warms caches.
  for (let round = 0; round <= rounds; round += 1) {
    for (const contender of contenders) {
      const { run, printed } = measured(contender.command, tree);
      const told = printed.startsWith("{") ? (JSON.parse(printed) as PackReport) : undefined;
      sizes.set(contender, told?.length ?? statSync(made).size);
      peak = Math.max(peak, told?.peak ?? 0);
      if (round > 0) runs.get(contender)?.push(run);
    }
  }
  const middle = (one: Contender, figure: keyof Run) => median((runs.get(one) ?? []).map((run) => run[figure]));
  return {
    title: "Packing a 200 MB release",
    note:
      `${(corpus.bytes / 1e6).toFixed(0)} MB in ${corpus.files} files, from the page cache; medians of ${rounds} rounds, taken in turns; ` +
      "the ratio is to the pipe of the same format. CPU is user and system time of all that takes part. Dropship also starts, " +
      "lists and judges the folder before and lists it again after, computes SHA-256 and MD5, and has the agents' reader read " +
      `the result to its end. Its peak memory: ${peak.toFixed(0)} MB.`,
    head: ["format", "way", "MB", "seconds", "ratio", "CPU seconds", "CPU ratio"],
    rows: contenders.map((one) => {
      const pipe = contenders.find(({ format }) => format === one.format) ?? one;
      const figures = (["seconds", "processor"] as const).flatMap((figure) => [
        middle(one, figure).toFixed(2),
        (middle(one, figure) / middle(pipe, figure)).toFixed(2),
      ]);
      return [one.format, one.name, ((sizes.get(one) ?? 0) / 1e6).toFixed(1), ...figures];
    }),
  };
}

function contendersFor(tree: string, scratch: string, made: string): readonly Contender[] {
  const program = `${process.execPath} ${join(import.meta.dirname, "pack-process.ts")} ${tree} ${scratch}`;
  const cache = join(import.meta.dirname, "../node_modules/.cache/dropship");
  const ours = (format: string) => `NODE_COMPILE_CACHE=${cache} ${program} ${format}`;
  return [
    { name: "`tar --sort=name … \\| zstd -9`", format: "tar.zst", command: `${sorted} | zstd -9 -q > ${made}` },
    {
      name: "the same, then `sha256sum`",
      format: "tar.zst",
      command: `${sorted} | zstd -9 -q > ${made}; sha256sum ${made}`,
    },
    { name: "dropship", format: "tar.zst", command: ours("tar.zst") },
    { name: "`tar --sort=name … \\| gzip -n`", format: "tar.gz", command: `${sorted} | gzip -n > ${made}` },
    {
      name: "the same, then `sha256sum`",
      format: "tar.gz",
      command: `${sorted} | gzip -n > ${made}; sha256sum ${made}`,
    },
    { name: "dropship", format: "tar.gz", command: ours("tar.gz") },
  ];
}

/** bash tells the CPU time of all that it started. */
function measured(command: string, cwd: string): { readonly run: Run; readonly printed: string } {
  const timed = `TIMEFORMAT="%U %S"; set -o pipefail; time { ${command}; }`;
  const begin = performance.now();
  const { status, stdout, stderr } = spawnSync("bash", ["-c", timed], { cwd, encoding: "utf8" });
  const seconds = (performance.now() - begin) / 1000;
  if (status !== 0) throw new Error(`${command} ended with ${status}: ${stderr}`);
  const [user = 0, system = 0] = stderr.trim().split(" ").map(Number);
  return { run: { seconds, processor: user + system }, printed: stdout.trim() };
}
