import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const switching = fileURLToPath(import.meta.resolve("./switch-process.ts"));

const compiled = mkdtempSync(join(tmpdir(), "dropship-compiled-"));
process.once("exit", () => rmSync(compiled, { recursive: true, force: true }));

const environment = {
  ...process.env,
  UV_THREADPOOL_SIZE: "1",
  // Hundreds of starts: the first one compiles for all.
  NODE_COMPILE_CACHE: compiled,
};

export interface TracedRun {
  /** The exit code; null when the process was killed. */
  readonly code: number | null;
  /** What it said before it ended badly. */
  readonly output: string;
}

/** Runs a scenario with strace on the one thread that does its file operations; `options` say what to trace and inject. */
export async function runTraced(
  scenario: string,
  folder: string,
  options: readonly string[],
  program = switching,
): Promise<TracedRun> {
  const child = spawn(process.execPath, [program, scenario, folder], { env: environment, timeout: 30_000 });
  const lines: string[] = [];
  const output = createInterface(child.stdout).on("line", (line) => lines.push(line));
  const ended = once(child, "close");
  const worker = await Promise.race([once(output, "line"), ended]);
  const strace = spawn("strace", ["-p", String(worker[0]), ...options], { stdio: ["ignore", "ignore", "pipe"] });
  try {
    await attached(strace);
    child.stdin.on("error", () => undefined).write("go\n");
    const [code] = await ended;
    return { code, output: lines.slice(1).join("\n") };
  } finally {
    child.kill("SIGKILL");
    if (strace.exitCode === null) await once(strace, "close");
  }
}

/** strace says so once no system call of the thread escapes it any more. */
async function attached(strace: ChildProcess): Promise<void> {
  const said: string[] = [];
  for await (const line of createInterface(strace.stderr as NodeJS.ReadableStream)) {
    if (line.includes("attached")) return;
    said.push(line);
  }
  throw new Error(`strace could not attach: ${said.join(" ")}`);
}

/** One call of a recorded run, counted among those of the same name. */
export interface TracedCall {
  readonly name: string;
  readonly count: number;
  readonly line: string;
}

export function parseTrace(text: string): readonly TracedCall[] {
  const counts = new Map<string, number>();
  return text.split("\n").flatMap((line) => {
    const name = /^(\w+)\(/.exec(line)?.[1];
    if (name === undefined) return [];
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return [{ name, count, line }];
  });
}

/** The calls that change what is on the disk. */
export const mutating = [
  ...["openat", "pwrite64", "copy_file_range", "sendfile", "ftruncate", "fsync", "fdatasync"],
  ...["mkdir", "symlink", "link", "rename", "unlink", "rmdir"],
  ...["chmod", "fchmod", "chown", "fchown", "lchown", "utimensat"],
];

/** Opening for reading changes nothing. */
export function changesDisk(call: TracedCall): boolean {
  return call.name !== "openat" || call.line.includes("O_CREAT");
}
