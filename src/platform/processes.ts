import { type ChildProcess, spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import type { Milliseconds } from "../domain/duration.ts";
import { formatDuration } from "../domain/duration.ts";
import { type OutputTail, outputTail } from "./output-tail.ts";
import type { Clock, Processes, ProcessRequest, ProcessResult, Random } from "./ports.ts";
import { type Launch, prepareLaunch } from "./process-launch.ts";
import { countMarked, endTree, type ProcessTree, parseStarted } from "./process-tree.ts";
import { untilAborted } from "./until-aborted.ts";

/**
 * Runs commands by bash, each in a session of its own and with an environment of its own (see `prepareLaunch`).
 *
 * A command that exits leaves what it put into the background running: a hook may start a daemon. A command that is ended
 * (time-out, stop) takes everything it started with it. Needs /bin/bash, /bin/cat and, for `user`, setpriv of util-linux.
 */
export function createProcesses(ports: ProcessPorts): Processes {
  const { clock, random, conceal = (text) => text } = ports;
  return {
    async run(request) {
      const result = await run(request, clock, `${markName}=${random.name()}`);
      return { ...result, output: conceal(result.output) };
    },
  };
}

export interface ProcessPorts {
  readonly clock: Clock;
  readonly random: Random;
  /** Takes out of an output what must not be shown: a command that was given a secret may print it. */
  readonly conceal?: (text: string) => string;
}

/** The variable that tells the processes of one run from all others. */
const markName = "DROPSHIP_HOOK_RUN";
/** For the last bytes of the output to arrive when nobody can write any more. */
const lastBytesLimit: Milliseconds = 5000;
/** For the last bytes of the command itself to arrive when a background process still holds its output. */
const backgroundLimit: Milliseconds = 200;
/** For the exit of a process that was killed; one that hangs in the kernel is not waited for. */
const reapLimit: Milliseconds = 1000;

type Ending = Pick<ProcessResult, "how" | "code" | "detail">;
type Outcome = { readonly code: number | null; readonly signal: NodeJS.Signals | null };

interface Started {
  readonly tree: ProcessTree;
  readonly exited: Promise<Outcome>;
  /** Resolves when nobody holds the output any more. */
  readonly closed: Promise<void>;
  readonly output: OutputTail;
  release(): void;
}

async function run(request: ProcessRequest, clock: Clock, mark: string): Promise<ProcessResult> {
  const begin = clock.monotonic();
  const output = outputTail(request.outputLimit);
  const result = (ending: Ending): ProcessResult => ({
    ...ending,
    output: output.text(),
    dropped: output.dropped(),
    duration: clock.monotonic() - begin,
  });
  if (request.signal?.aborted) return result({ how: "stopped", detail: "before it started" });
  const launch = await prepareLaunch(request, mark);
  if ("refused" in launch) return result({ how: "not-started", detail: launch.refused });
  const started = await start(launch, mark, output);
  if ("refused" in started) return result({ how: "not-started", detail: started.refused });
  try {
    return result(await waitForEnd(started, request, clock));
  } finally {
    started.release();
  }
}

async function start(
  launch: Launch,
  mark: string,
  output: OutputTail,
): Promise<Started | { readonly refused: string }> {
  const child = trySpawn(launch);
  if (child instanceof Error) return { refused: startTrouble(child) };
  const exited = Promise.withResolvers<Outcome>();
  const failed = Promise.withResolvers<Error>();
  child.once("exit", (code, signal) => exited.resolve({ code, signal }));
  child.once("error", failed.resolve);
  if (child.pid === undefined) return { refused: startTrouble(await failed.promise) };
  const closed = Promise.withResolvers<void>();
  child.stdout?.on("data", (chunk: Buffer) => output.add(chunk));
  child.stdout?.once("close", () => closed.resolve());
  child.stdout?.once("error", () => closed.resolve());
  return {
    tree: { pid: child.pid, started: startedAt(child.pid), mark },
    exited: exited.promise,
    closed: closed.promise,
    output,
    release: () => child.stdout?.destroy(),
  };
}

function trySpawn({ program, parameters, environment, directory }: Launch): ChildProcess | Error {
  try {
    return spawn(program, parameters, {
      cwd: directory,
      env: environment,
      detached: true,
      stdio: ["ignore", "pipe", "ignore"],
    });
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

/** The child was not waited for yet, so its number is its own and the file is there. */
function startedAt(pid: number): number {
  return parseStarted(readFileSync(`/proc/${pid}/stat`, "latin1"));
}

/** The platform's own words for a NUL quote what it stands in, which may be a secret. */
function startTrouble(error: NodeJS.ErrnoException): string {
  if (error.code === "ERR_INVALID_ARG_VALUE") return "its command or environment holds a NUL character";
  if (error.code === "E2BIG") return "its command and environment are larger than the system allows";
  if (error.code === "EAGAIN") return "the system allows no more processes";
  if (error.code === "EMFILE" || error.code === "ENFILE") return "the system allows no more open files";
  return error.message;
}

async function waitForEnd(started: Started, request: ProcessRequest, clock: Clock): Promise<Ending> {
  using limit = clock.deadline(request.timeout, () => new Error("the time of the command is over"), request.signal);
  const outcome = await Promise.race([started.exited, untilAborted(limit.signal)]);
  if (outcome === undefined) return endEarly(started, request, clock);
  const background = await collectOutput(started, clock);
  const detail = background > 0 ? { detail: `${count(background)} it started ${verb(background)} on` } : {};
  return outcome.signal === null
    ? { how: "exited", code: outcome.code ?? 0, ...detail }
    : { how: "signalled", detail: outcome.signal };
}

async function endEarly(started: Started, request: ProcessRequest, clock: Clock): Promise<Ending> {
  // Said now: the caller may also lose patience while a time-out is carried out.
  const stopped = request.signal?.aborted ?? false;
  const left = await endTree(started.tree, request.grace, clock);
  await within(reapLimit, started.exited, clock);
  await within(backgroundLimit, started.closed, clock);
  const rest = left === 0 ? "" : `; ${count(left)} of it could not be ended`;
  return stopped
    ? { how: "stopped", detail: `ended on request${rest}` }
    : { how: "timed-out", detail: `ended after ${formatDuration(request.timeout)}${rest}` };
}

/** Waits for what the command itself printed. Returns how many background processes still hold the output. */
async function collectOutput(started: Started, clock: Clock): Promise<number> {
  if (await within(backgroundLimit, started.closed, clock)) return 0;
  const background = await countMarked(started.tree);
  if (background === 0) await within(lastBytesLimit, started.closed, clock);
  return background;
}

/** Whether it happened within `limit`. */
async function within(limit: Milliseconds, happened: Promise<unknown>, clock: Clock): Promise<boolean> {
  using end = clock.deadline(limit, () => new Error("too late"));
  return await Promise.race([happened.then(() => true), untilAborted(end.signal).then(() => false)]);
}

function count(processes: number): string {
  return `${processes} ${processes === 1 ? "process" : "processes"}`;
}

function verb(processes: number): string {
  return processes === 1 ? "goes" : "go";
}
