import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { standingId } from "../../src/releases/destination.ts";
import { readTree } from "../releases/fixture.ts";
import { mutating, parseTrace, runTraced, type TracedCall } from "./strace.ts";
import { contents, openStore, type Scenario } from "./switch-scenarios.ts";

const top = realpathSync(mkdtempSync(join(tmpdir(), "dropship-switch-")));
/** How many points were tried, by the fault. */
const tried: Record<string, number> = {};
/** Promises that were broken, and where. */
export const violations: string[] = [];
/** Scenarios in which the destination was seen missing right after a kill. */
export const gaps = new Set<string>();
let folders = 0;

process.once("exit", () => rmSync(top, { recursive: true, force: true }));

async function arrange(scenario: Scenario): Promise<string> {
  folders += 1;
  const folder = join(top, String(folders));
  mkdirSync(folder);
  await scenario.arrange(openStore(folder, scenario), folder);
  return folder;
}

/** The calls of an undisturbed run. */
export async function recordRun(name: string, scenario: Scenario): Promise<readonly TracedCall[]> {
  const folder = await arrange(scenario);
  const trace = join(folder, "trace");
  const run = await runTraced(name, folder, ["-o", trace, "-e", `trace=${mutating.join()}`]);
  assert.deepEqual(run, { code: 0, output: "" });
  return parseTrace(readFileSync(trace, "utf8"));
}

/** What a restarted agent finds and does; the words are those of the promises that were broken. */
async function judgeRestart(scenario: Scenario, folder: string): Promise<readonly string[]> {
  const broken: string[] = [];
  const store = openStore(folder, scenario);
  const { destination, releases } = store.place;
  const held = (tree: unknown, ...allowed: readonly unknown[]) => allowed.some((one) => isDeepStrictEqual(tree, one));
  const standing = await store.standing();
  if (!held(readTree(destination), scenario.before, scenario.after)) broken.push("destination is neither old nor new");
  const listed = await store.list();
  const id = standingId(standing);
  if (id !== undefined && !listed.some((release) => release.id === id)) broken.push(`${id} runs but is not listed`);
  for (const { id } of listed) {
    if (!held(readTree(join(releases, id)), ...(contents[id] ?? [])) && !holdsFile(join(releases, id), id)) {
      broken.push(`listed release ${id} is not whole`);
    }
  }
  await scenario.act(store, folder);
  await store.sweep(new Set());
  if (!held(readTree(destination), scenario.after)) broken.push("the second run did not end in the new release");
  const left = readdirSync(releases).filter((name) => !name.startsWith("adopted-1") && name !== ".standing.json");
  if (!isDeepStrictEqual(left.toSorted(), scenario.leaves)) broken.push(`left behind: ${left}`);
  const beside = readdirSync(folder).filter((name) => name.startsWith(".app"));
  if (beside.length > 0) broken.push(`left behind: ${beside}`);
  return broken;
}

function holdsFile(path: string, id: string): boolean {
  return (contents[id] ?? []).some((tree) => isDeepStrictEqual(readTree(join(path, "app")), tree));
}

/** Runs a scenario with one fault at one call, then restarts it. */
export async function tryPoint(name: string, scenario: Scenario, call: TracedCall, fault: string): Promise<void> {
  const folder = await arrange(scenario);
  const inject = `inject=${call.name}:${fault}:when=${call.count}`;
  const run = await runTraced(name, folder, ["-o", "/dev/null", "-e", `trace=${call.name}`, "-e", inject]);
  const kill = fault === "signal=SIGKILL";
  const report = (what: string) => violations.push(`${name}, ${fault} at ${call.name} ${call.count}: ${what}`);
  if (kill && run.code !== null) report(`was not killed: ${JSON.stringify(run)}`);
  if (!kill && run.code === null) report("died of an error");
  if (!kill && call.name === "fsync" && run.code === 0) report("a failed sync was passed over");
  if (!kill && run.code === 1 && !isTold(run.output)) report(`without a message of the catalogue: ${run.output}`);
  if (scenario.before !== undefined && scenario.after !== undefined && readTree(join(folder, "app")) === undefined) {
    gaps.add(name);
  }
  for (const what of await judgeRestart(scenario, folder)) report(what);
  tried[fault] = (tried[fault] ?? 0) + 1;
  rmSync(folder, { recursive: true });
}

function isTold(output: string): boolean {
  const note: { code?: string; sentence?: string; remedy?: string } = JSON.parse(output);
  return note.code !== "unexpected" && Boolean(note.sentence) && Boolean(note.remedy);
}

/** A run waits for process starts more than it computes. */
export async function inParallel(jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = [...jobs];
  const work = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await job();
  };
  await Promise.all(Array.from({ length: Math.min(4, availableParallelism() + 1) }, work));
}

/** What the suite is asked to print, and how many points there were. */
export function summary(): { readonly points: number; readonly line: string } {
  const counts = Object.entries(tried).map(([what, count]) => `${count} ${what}`);
  return {
    points: Object.values(tried).reduce((sum, count) => sum + count, 0),
    line: `crash points tried: ${counts.join(", ")}; violations: ${violations.length}`,
  };
}
