import { readFileSync } from "node:fs";
import { readFile } from "node:fs/promises";

/** The process numbers that a test's command wrote into a file, one on a line. */
export async function pidsIn(file: string): Promise<number[]> {
  return (await readFile(file, "utf8")).trim().split("\n").map(Number);
}

/** Whether there is such a process that is not just waiting to be asked about its end. */
export function alive(pid: number): boolean {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "latin1");
    return !/^[ZX]/.test(stat.slice(stat.lastIndexOf(")") + 2));
  } catch {
    return false;
  }
}

/** Looks again and again until it is so; throws after `limit` milliseconds. */
export async function waitUntil(condition: () => Promise<boolean> | boolean, limit = 10_000): Promise<void> {
  const end = performance.now() + limit;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`not so after ${limit} ms: ${condition}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
