import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { isDeepStrictEqual } from "node:util";
import { standingId } from "../../src/releases/destination.ts";
import { readTree } from "../releases/fixture.ts";
import { changesDisk, mutating, parseTrace, runTraced, type TracedCall } from "./strace.ts";
import { contents, openStore, type Scenario, scenarios } from "./switch-scenarios.ts";

const top = realpathSync(mkdtempSync(join(tmpdir(), "dropship-switch-")));
const tried: Record<string, number> = {};
const violations: string[] = [];
/** Scenarios in which the destination was seen missing right after a kill. */
const gaps = new Set<string>();
let folders = 0;

after(() => {
  rmSync(top, { recursive: true, force: true });
  const counts = Object.entries(tried).map(([what, count]) => `${count} ${what}`);
  console.log(`crash points tried: ${counts.join(", ")}; violations: ${violations.length}`);
});

async function arrange(scenario: Scenario): Promise<string> {
  folders += 1;
  const folder = join(top, String(folders));
  mkdirSync(folder);
  await scenario.arrange(openStore(folder, scenario), folder);
  return folder;
}

/** The calls of an undisturbed run. */
async function recordRun(name: string, scenario: Scenario): Promise<readonly TracedCall[]> {
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

async function tryPoint(name: string, scenario: Scenario, call: TracedCall, fault: string): Promise<void> {
  const folder = await arrange(scenario);
  const inject = `inject=${call.name}:${fault}:when=${call.count}`;
  const run = await runTraced(name, folder, ["-o", "/dev/null", "-e", `trace=${call.name}`, "-e", inject]);
  const kill = fault === "signal=SIGKILL";
  const report = (what: string) => violations.push(`${name}, ${fault} at ${call.name} ${call.count}: ${what}`);
  if (kill && run.code !== null) report(`was not killed: ${JSON.stringify(run)}`);
  if (!kill && run.code === null) report("died of an error");
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

/** Two at a time: a run waits for process starts more than it computes. */
async function inParallel(jobs: readonly (() => Promise<void>)[]): Promise<void> {
  const waiting = [...jobs];
  const work = async () => {
    for (let job = waiting.shift(); job !== undefined; job = waiting.shift()) await job();
  };
  await Promise.all([work(), work(), work()]);
}

describe("a destination is one whole release", { timeout: 240_000 }, () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    test(`after a kill at every change of the disk: ${name}`, async () => {
      const calls = (await recordRun(name, scenario)).filter(changesDisk);

      await inParallel(calls.map((call) => () => tryPoint(name, scenario, call, "signal=SIGKILL")));

      assert.deepEqual(violations, []);
      if (scenario.swaps)
        assert.deepEqual(
          [...gaps].filter((gap) => gap === name),
          [],
          "it was missing for an instant",
        );
    });
  }
});
