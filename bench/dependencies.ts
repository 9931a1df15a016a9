import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { median, type Result } from "./measure.ts";

const root = join(import.meta.dirname, "..");
const rounds = 9;

interface Cost {
  readonly milliseconds: number;
  readonly megabytes: number;
}

/** What each dependency adds to the start and the memory of a process that loads it. */
export function measureDependencies(): Result {
  const { dependencies } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    dependencies: Record<string, string>;
  };
  const bare = costOf("");
  const rows = Object.entries(dependencies).map(([name, version]) => {
    const cost = costOf(`await import(${JSON.stringify(name)});`);
    return [
      `${name} ${version}`,
      (cost.milliseconds - bare.milliseconds).toFixed(0),
      (cost.megabytes - bare.megabytes).toFixed(1),
    ];
  });
  return {
    title: "What each dependency costs",
    note:
      `Start of a process and its memory (RSS) with one import more; medians of ${rounds}. Node alone: ` +
      `${bare.milliseconds.toFixed(0)} ms, ${bare.megabytes.toFixed(0)} MB. A dependency is loaded when something needs it, not before.`,
    head: ["dependency", "start (ms)", "memory (MB)"],
    rows,
  };
}

function costOf(statement: string): Cost {
  const program = `${statement} process.stdout.write(String(process.memoryUsage.rss() / 1e6));`;
  const runs = Array.from({ length: rounds }, () => {
    const begin = performance.now();
    const told = execFileSync(process.execPath, ["--input-type=module", "-e", program], {
      cwd: root,
      encoding: "utf8",
    });
    return { milliseconds: performance.now() - begin, megabytes: Number(told) };
  });
  return {
    milliseconds: median(runs.map(({ milliseconds }) => milliseconds)),
    megabytes: median(runs.map(({ megabytes }) => megabytes)),
  };
}
