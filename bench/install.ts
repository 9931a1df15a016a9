import { type ChildProcess, execFileSync, fork, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, readdirSync, renameSync, rmSync, truncateSync } from "node:fs";
import { basename, join } from "node:path";
import { startNginx } from "../test/servers/nginx.ts";
import { makeCorpus } from "./corpus.ts";
import type { InstallOrder, InstallReport } from "./install-process.ts";
import { median, type Result } from "./measure.ts";

const size = 200e6;
const rounds = 5;

interface Run {
  readonly milliseconds: number;
  /** User and system time, in milliseconds. */
  readonly processor: number;
}

interface Contender {
  readonly name: string;
  readonly format: "gz" | "zst";
  run(url: string, folder: string): Promise<Run>;
}

/** A full install, download to files on disk, against the pipes that people write by hand. */
export async function measureInstall(folder: string): Promise<Result> {
  await using nginx = await startNginx();
  const corpus = makeCorpus(folder, size);
  for (const file of [corpus.gz, corpus.zst]) renameSync(file, join(nginx.www, basename(file)));
  rmSync(join(folder, "corpus.tar"));
  await fillCache(folder, `${nginx.endpoint}/corpus.tar.zst`);
  const agent = startAgent();
  let peak = 0;
  const contenders = contendersWith(agent, (reported) => {
    peak = reported;
  });
  const runs = await takeTurns(folder, contenders, nginx.endpoint);
  agent.disconnect();
  return {
    title: "Full install of a 200 MB release",
    note:
      `${(corpus.bytes / 1e6).toFixed(0)} MB in ${corpus.files} files, from nginx on the loopback; medians of ${rounds} rounds, ` +
      "taken in turns; the ratio is to the first pipe of the same format. CPU is user and system time of all that takes part, " +
      "nginx aside. The agent also computes the SHA-256, checks every entry against its rules and keeps the download on disk " +
      "until it is unpacked (that file is synced in both rows). " +
      `Peak memory of the installing process: ${peak.toFixed(0)} MB.`,
    head: ["format", "way", "seconds", "ratio", "CPU seconds", "CPU ratio"],
    rows: contenders.map((one) => {
      const pipe = contenders.find(({ format }) => format === one.format) ?? one;
      return [
        one.format,
        one.name,
        ...figures(runs, one, pipe, "milliseconds"),
        ...figures(runs, one, pipe, "processor"),
      ];
    }),
  };
}

/**
 * Every run in a folder of its own, and nothing is removed before the end: ext4 gives no inode away again within minutes of
 * its removal and searches for another one, file by file, so that a run after a removal would measure just that.
 */
async function takeTurns(
  folder: string,
  contenders: readonly Contender[],
  endpoint: string,
): Promise<ReadonlyMap<Contender, readonly Run[]>> {
  const runs = new Map(contenders.map((one) => [one, [] as Run[]]));
  // One round more than is counted: the first one warms caches and compilers.
  for (let round = 0; round <= rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const place = join(folder, `place-${round}-${index}`);
      mkdirSync(place);
      execFileSync("sync", ["-f", place]);
      const run = await contender.run(`${endpoint}/corpus.tar.${contender.format}`, place);
      console.error(`round ${round}: ${contender.format}, ${contender.name}: ${run.milliseconds.toFixed(0)} ms`);
      if (round > 0) runs.get(contender)?.push(run);
      emptyFiles(place);
    }
  }
  return runs;
}

/** Gives disk and memory back, and removes nothing. */
function emptyFiles(folder: string): void {
  for (const item of readdirSync(folder, { withFileTypes: true, recursive: true })) {
    if (item.isFile()) truncateSync(join(item.parentPath, item.name));
  }
}

/** Seconds, and their ratio to those of the pipe. */
function figures(
  runs: ReadonlyMap<Contender, readonly Run[]>,
  one: Contender,
  pipe: Contender,
  figure: keyof Run,
): readonly string[] {
  const middle = (contender: Contender) => median((runs.get(contender) ?? []).map((run) => run[figure]));
  return [(middle(one) / 1000).toFixed(2), (middle(one) / middle(pipe)).toFixed(2)];
}

function startAgent(): ChildProcess {
  const cache = join(import.meta.dirname, "../node_modules/.cache/dropship");
  // With what bin/dropship.js sets for an agent.
  return fork(join(import.meta.dirname, "install-process.ts"), {
    env: { ...process.env, NODE_COMPILE_CACHE: cache },
    execArgv: ["--semi-space-growth-factor=1"],
  });
}

/** A first agent, whose memory is not measured, fills the compile cache that every agent starts with. */
async function fillCache(folder: string, url: string): Promise<void> {
  const agent = startAgent();
  const place = join(folder, "first");
  mkdirSync(place);
  const answered = once(agent, "message");
  agent.send({ url, folder: place, sync: true } satisfies InstallOrder);
  await answered;
  agent.disconnect();
  await once(agent, "exit");
}

function contendersWith(agent: ChildProcess, onPeak: (peak: number) => void): readonly Contender[] {
  const ours = (sync: boolean) => async (url: string, folder: string) => {
    const answered = once(agent, "message") as Promise<[InstallReport]>;
    agent.send({ url, folder, sync } satisfies InstallOrder);
    const [report] = await answered;
    onPeak(report.peak);
    return report;
  };
  return (["gz", "zst"] as const).flatMap((format) => {
    const tar = format === "gz" ? "tar xz" : "tar --zstd -x";
    return [
      { name: `\`curl \\| ${tar}\``, format, run: pipe(tar) },
      { name: "the same, then `sync -f`", format, run: pipe(`${tar}; sync -f .`) },
      { name: "dropship, everything synced", format, run: ours(true) },
      { name: "dropship, unpacked files not synced", format, run: ours(false) },
    ];
  });
}

/** What people write; bash tells the CPU time of all that it started. */
function pipe(unpack: string): Contender["run"] {
  return async (url, folder) => {
    const command = `TIMEFORMAT="%U %S"; set -o pipefail; time { curl -sf ${url} | ${unpack}; }`;
    const begin = performance.now();
    const { status, stderr } = spawnSync("bash", ["-c", command], { cwd: folder, encoding: "utf8" });
    const milliseconds = performance.now() - begin;
    if (status !== 0) throw new Error(`the pipe ended with ${status}: ${stderr}`);
    const [user = 0, system = 0] = stderr.trim().split(" ").map(Number);
    return { milliseconds, processor: (user + system) * 1000 };
  };
}
