// npm run bench [-- install pack latency idle rollout scale dependencies] [--write]: measures, side by side with what people use otherwise, all in
// one run. Prints tables; --write makes docs/reference/performance.md of them. Needs the test servers (test/servers/install.sh).
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { availableParallelism, cpus, tmpdir, totalmem } from "node:os";
import { join } from "node:path";
import { measureDependencies } from "./dependencies.ts";
import { measureIdle } from "./idle.ts";
import { measureInstall } from "./install.ts";
import { measureLatency } from "./latency.ts";
import { markdown, type Result } from "./measure.ts";
import { measurePack } from "./pack.ts";
import { measureRollout } from "./rollout.ts";
import { measureScale } from "./scale.ts";

const measurements: Readonly<Record<string, (folder: string) => Result | Promise<Result>>> = {
  install: measureInstall,
  pack: measurePack,
  latency: measureLatency,
  idle: measureIdle,
  rollout: measureRollout,
  scale: measureScale,
  dependencies: measureDependencies,
};

const words = process.argv.slice(2);
const chosen = words.filter((word) => !word.startsWith("--"));
const unknown = chosen.filter((word) => !(word in measurements));
if (unknown.length > 0) throw new Error(`There is ${Object.keys(measurements).join(", ")}; not ${unknown.join(", ")}.`);
execFileSync("bash", [join(import.meta.dirname, "../test/servers/install.sh")], { stdio: "inherit" });

const tables: string[] = [];
for (const [name, measure] of Object.entries(measurements)) {
  if (chosen.length > 0 && !chosen.includes(name)) continue;
  const folder = mkdtempSync(join(tmpdir(), "dropship-bench-"));
  try {
    const table = markdown(await measure(folder));
    console.log(table);
    tables.push(table);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
if (words.includes("--write")) writePage(tables);

function writePage(tables: readonly string[]): void {
  const machine = `${availableParallelism()} × ${cpus()[0]?.model ?? "unknown processor"}, ${(totalmem() / 1e9).toFixed(0)} GB, Node ${process.version}`;
  const text = `# Performance

Written by \`npm run bench -- --write\` on: ${machine}. To repeat it: \`npm ci && npm run bench\`, on a machine that does nothing else. Times differ from machine to machine; the ratios within one run are what counts.

${tables.join("\n")}`;
  writeFileSync(join(import.meta.dirname, "../docs/reference/performance.md"), text);
}
