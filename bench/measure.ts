import { readFileSync } from "node:fs";

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((one, other) => one - other);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : ((sorted[middle - 1] ?? Number.NaN) + upper) / 2;
}

/** A figure of /proc/<pid>/status, such as VmRSS, VmHWM or RssAnon, in MB (10^6 bytes). */
export function memory(pid: number, figure: "VmRSS" | "VmHWM" | "RssAnon"): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return (Number(new RegExp(`^${figure}:\\s+(\\d+) kB`, "m").exec(status)?.[1]) * 1024) / 1e6;
}

/** CPU time of a process so far, user and system, in milliseconds; the kernel counts in steps of 10 ms. */
export function processorTime(pid: number): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
    .replace(/^.*\) /, "")
    .split(" ");
  const ticksPerSecond = 100;
  return ((Number(fields[11]) + Number(fields[12])) * 1000) / ticksPerSecond;
}

/** Asks until there is an answer. */
export async function until<Value>(
  what: string,
  limit: number,
  ask: () => Value | undefined | Promise<Value | undefined>,
): Promise<Value> {
  const end = performance.now() + limit;
  for (;;) {
    const value = await ask();
    if (value !== undefined) return value;
    if (performance.now() > end) throw new Error(`${what}: not within ${limit} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A table of the results, in Markdown. */
export interface Result {
  readonly title: string;
  readonly note: string;
  readonly head: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

export function markdown({ title, note, head, rows }: Result): string {
  const line = (cells: readonly string[]) => `| ${cells.join(" | ")} |`;
  return [`## ${title}`, "", note, "", line(head), `|${head.map(() => "---").join("|")}|`, ...rows.map(line), ""].join(
    "\n",
  );
}
