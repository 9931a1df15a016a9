import { type ChildProcess, execFileSync, fork } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { startNginx } from "../test/servers/nginx.ts";
import { makeCorpus } from "./corpus.ts";
import type { InstallOrder, InstallReport } from "./install-process.ts";
import { median, type Result, timed } from "./measure.ts";

const size = 200e6;
const rounds = 5;

interface Contender {
  readonly name: string;
  readonly format: "gz" | "zst";
  /** Milliseconds. */
  run(url: string, folder: string): Promise<number>;
}

/** A full install, download to files on disk, against the pipes that people write by hand. */
export async function measureInstall(folder: string): Promise<Result> {
  await using nginx = await startNginx();
  const corpus = makeCorpus(folder, size);
  for (const file of [corpus.gz, corpus.zst]) renameSync(file, join(nginx.www, basename(file)));
  rmSync(join(folder, "corpus.tar"));
  // The first one only fills the cache that an agent starts with (bin/dropship.js).
  const rehearsal = startAgent();
  await once(rehearsal, "spawn");
  rehearsal.disconnect();
  await once(rehearsal, "exit");
  const agent = startAgent();
  let peak = 0;
  const contenders = contendersWith(agent, (reported) => {
    peak = reported;
  });
  const times = new Map(contenders.map((one) => [one, [] as number[]]));
  // One round more than is counted: the first one warms caches and compilers.
  for (let round = 0; round <= rounds; round += 1) {
    for (const contender of contenders) {
      const place = join(folder, "place");
      mkdirSync(place);
      execFileSync("sync", ["-f", place]);
      const taken = await contender.run(`${nginx.endpoint}/corpus.tar.${contender.format}`, place);
      console.error(`round ${round}: ${contender.format}, ${contender.name}: ${taken.toFixed(0)} ms`);
      if (round > 0) times.get(contender)?.push(taken);
      rmSync(place, { recursive: true });
    }
  }
  agent.disconnect();
  const base = (format: string) =>
    median(
      times.get(contenders.find((one) => one.format === format && one.name.startsWith("`curl")) as Contender) ?? [],
    );
  return {
    title: "Full install of a 200 MB release",
    note:
      `${(corpus.bytes / 1e6).toFixed(0)} MB in ${corpus.files} files, from nginx on the loopback; medians of ${rounds} rounds, ` +
      "taken in turns; the ratio is to the first pipe of the same format. The agent also computes the SHA-256, checks every " +
      "entry against its rules and keeps the download on disk until it is unpacked (that file is synced in both rows). " +
      `Peak memory of the installing process: ${peak.toFixed(0)} MB.`,
    head: ["format", "way", "seconds", "ratio"],
    rows: contenders.map((one) => {
      const value = median(times.get(one) ?? []);
      return [one.format, one.name, (value / 1000).toFixed(2), (value / base(one.format)).toFixed(2)];
    }),
  };
}

function startAgent(): ChildProcess {
  const cache = join(import.meta.dirname, "../node_modules/.cache/dropship");
  return fork(join(import.meta.dirname, "install-process.ts"), { env: { ...process.env, NODE_COMPILE_CACHE: cache } });
}

function contendersWith(agent: ChildProcess, onPeak: (peak: number) => void): readonly Contender[] {
  const ours = (sync: boolean) => async (url: string, folder: string) => {
    const answered = once(agent, "message") as Promise<[InstallReport]>;
    agent.send({ url, folder, sync } satisfies InstallOrder);
    const [{ milliseconds, peak }] = await answered;
    onPeak(peak);
    return milliseconds;
  };
  const pipe = (unpack: string) => (url: string, folder: string) =>
    timed(() => execFileSync("bash", ["-c", `set -o pipefail; curl -sf ${url} | ${unpack}`], { cwd: folder }));
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
