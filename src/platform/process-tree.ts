import { readFileSync } from "node:fs";
import { readdir, readFile } from "node:fs/promises";
import type { Milliseconds } from "../domain/duration.ts";
import type { Clock } from "./ports.ts";

/**
 * Ends everything that one command started, also what left its process group, its session and its parent.
 *
 * A process belongs to the tree when it is in the group or session of the first one, descends from one that belongs to
 * it, or was started with the tree's mark in its environment; the mark survives setsid and double forks. Only a process
 * that did all of it (new session, dead parent, empty environment) before the end began is out of sight.
 */
export interface ProcessTree {
  /** The first process; leader of its session and group. */
  readonly pid: number;
  /** When it was started, in the kernel's ticks since boot: with the number it names one process for ever. */
  readonly started: number;
  /** `NAME=value` as it stands in the environment of every process of the tree. */
  readonly mark: string;
}

interface RunningProcess {
  readonly pid: number;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  readonly started: number;
  /** Dead already, only its parent has not asked yet. */
  readonly zombie: boolean;
}

type Known = Map<number, number>;

/** After SIGKILL a process is gone at once, unless it hangs in the kernel; more than this is not waited for. */
const killLimit: Milliseconds = 5000;

/**
 * SIGTERM to the whole tree, again to what appears meanwhile, SIGKILL to what is left after `grace`, until nothing is left.
 * Returns how many processes could not be ended.
 */
export async function endTree(tree: ProcessTree, grace: Milliseconds, clock: Clock): Promise<number> {
  const known: Known = new Map([[tree.pid, tree.started]]);
  const asked = new Set<string>();
  const ask = (found: RunningProcess) => {
    const name = `${found.pid} ${found.started}`;
    if (asked.has(name)) return;
    asked.add(name);
    send(found, "SIGTERM");
    // A stopped process sees the signal only when it goes on.
    send(found, "SIGCONT");
  };
  const left = await repeat(tree, known, ask, grace, clock);
  if (left === 0) return 0;
  return repeat(tree, known, (found) => send(found, "SIGKILL"), killLimit, clock);
}

/** How many processes of the tree run, the first one not counted. */
export async function countMarked(tree: ProcessTree): Promise<number> {
  const found = await findTree(tree, new Map());
  return found.filter(({ pid }) => pid !== tree.pid).length;
}

/** The kernel's start time of a process that surely exists: one's own child that was not waited for yet. */
export function parseStarted(stat: string): number {
  return parseStat(0, stat)?.started ?? 0;
}

async function repeat(
  tree: ProcessTree,
  known: Known,
  act: (found: RunningProcess) => void,
  limit: Milliseconds,
  clock: Clock,
): Promise<number> {
  const end = clock.monotonic() + limit;
  for (let pause = 10; ; pause = Math.min(2 * pause, 200)) {
    const found = await findTree(tree, known);
    for (const one of found) {
      known.set(one.pid, one.started);
      act(one);
    }
    const rest = end - clock.monotonic();
    if (found.length === 0 || rest <= 0) return found.length;
    await clock.sleep(Math.min(pause, rest));
  }
}

async function findTree(tree: ProcessTree, known: Known): Promise<RunningProcess[]> {
  // What is older than the tree cannot be of it; that spares reading most environments.
  const young = (await listProcesses()).filter(({ started, pid }) => started >= tree.started && pid !== process.pid);
  const marked = new Set<number>();
  for (const { pid, zombie } of young) {
    if (!zombie && (await hasMark(pid, tree.mark))) marked.add(pid);
  }
  return belonging(young, tree, known, marked).filter(({ zombie }) => !zombie);
}

/** Group and session only count while the first process is there: afterwards their number may be another's. */
function belonging(
  young: readonly RunningProcess[],
  tree: ProcessTree,
  known: Known,
  marked: ReadonlySet<number>,
): RunningProcess[] {
  const led = young.some(({ pid, started }) => pid === tree.pid && started === tree.started);
  const found = new Set<number>();
  const belongs = ({ pid, parent, group, session, started }: RunningProcess) =>
    marked.has(pid) ||
    known.get(pid) === started ||
    found.has(parent) ||
    (led && (group === tree.pid || session === tree.pid));
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const one of young) if (belongs(one)) found.add(one.pid);
  }
  return young.filter(({ pid }) => found.has(pid));
}

async function listProcesses(): Promise<RunningProcess[]> {
  const names = await readdir("/proc").catch(() => []);
  const found: RunningProcess[] = [];
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue;
    const stat = await readFile(`/proc/${name}/stat`, "latin1").catch(() => undefined);
    const one = stat === undefined ? undefined : parseStat(Number(name), stat);
    if (one) found.push(one);
  }
  return found;
}

/** proc_pid_stat(5); the program's name, in brackets, may itself hold blanks and brackets. */
function parseStat(pid: number, stat: string): RunningProcess | undefined {
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  const [state, parent, group, session] = fields;
  const started = Number(fields[19]);
  if (state === undefined || !Number.isSafeInteger(started)) return undefined;
  return {
    pid,
    parent: Number(parent),
    group: Number(group),
    session: Number(session),
    started,
    zombie: state === "Z" || state === "X",
  };
}

/** Unreadable for another user's process, unless the agent is root: then group and ancestry have to do. */
async function hasMark(pid: number, mark: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, "latin1").catch(() => "");
  return `\0${environment}\0`.includes(`\0${mark}\0`);
}

/** Since the process was found its number may have become another's: on a busy host finding takes its time. */
function send({ pid, started }: RunningProcess, signal: NodeJS.Signals): void {
  try {
    if (parseStarted(readFileSync(`/proc/${pid}/stat`, "latin1")) === started) process.kill(pid, signal);
  } catch {
    // Gone already, or another user's: the next look will tell.
  }
}
