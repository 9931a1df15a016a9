import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, describe, test } from "node:test";
import { fileURLToPath } from "node:url";
import { beside } from "../drivers/stores/beside.ts";
import { bytes, soon, textAt } from "../drivers/stores/opened.ts";
import { type Action, actions, key, oldText } from "./meeting-actions.ts";
import { changesDisk, mutating, parseTrace, runTraced, type TracedCall } from "./strace.ts";
import { inParallel } from "./switch-trial.ts";

const program = fileURLToPath(import.meta.resolve("./meeting-process.ts"));
const top = realpathSync(mkdtempSync(join(tmpdir(), "dropship-meeting-")));
after(() => rmSync(top, { recursive: true, force: true }));

const violations: string[] = [];
let points = 0;

async function arrange({ exists }: Action): Promise<string> {
  const folder = mkdtempSync(join(top, "case-"));
  if (exists) await beside(`${folder}/web.tar.gz`).swap(key, bytes(oldText), undefined, soon());
  return folder;
}

/** The calls of an undisturbed run that change the disk. */
async function recordRun(name: string, action: Action): Promise<readonly TracedCall[]> {
  const folder = await arrange(action);
  const trace = join(folder, "trace");
  const run = await runTraced(name, folder, ["-o", trace, "-e", `trace=${mutating.join()}`], program);
  assert.equal(run.code, 0, run.output);
  return parseTrace(readFileSync(trace, "utf8")).filter(changesDisk);
}

/** Runs an action with one fault at one call; then looks at what is there, and goes on with it as another host would. */
async function tryPoint(name: string, action: Action, call: TracedCall, fault: string): Promise<void> {
  const folder = await arrange(action);
  const inject = `inject=${call.name}:${fault}:when=${call.count}`;
  const options = ["-o", "/dev/null", "-e", `trace=${call.name}`, "-e", inject];
  const run = await runTraced(name, folder, options, program);
  const report = (what: string) => violations.push(`${name}, ${fault} at ${call.name} ${call.count}: ${what}`);
  const store = beside(`${folder}/web.tar.gz`);
  const before = action.exists ? oldText : undefined;
  const there = await textAt(store, key);
  if (there !== before && there !== action.after) report(`neither old nor new is there: ${there}`);
  if (fault === "signal=SIGKILL") {
    if (run.code !== null) report(`it was not killed: ${run.output}`);
  } else {
    const said = JSON.parse(run.output) as { outcome?: string; code?: string; sentence?: string };
    if (said.outcome === "swapped" && there !== action.after) report(`it said to be done: ${there}`);
    if (said.outcome === "swapped" && call.name === "fsync") report("a failed sync was passed over");
    if (said.outcome === "conflict") report("it said that somebody else was first");
    if (run.code === 1 && said.code === "unexpected") report(`no message of the catalogue: ${run.output}`);
    // Nobody is told that a removal or a put was certainly not done.
    const certain = run.code === 1 && (name === "create" || name === "swap");
    if (certain && there !== before) report(`it said that nothing was done: ${run.output}`);
  }
  for (const what of await goOn(folder)) report(what);
  points += 1;
  rmSync(folder, { recursive: true });
}

/** Another host changes the value; nothing of what came before is left then. */
async function goOn(folder: string): Promise<readonly string[]> {
  const store = beside(`${folder}/web.tar.gz`);
  const present = await store.read(key, soon());
  const swap = await store.swap(key, bytes("later"), present?.version, soon());
  if (swap.outcome !== "swapped") return [`nobody can change it any more: ${JSON.stringify(swap)}`];
  const record = "web.tar.gz.rollout/web/default";
  const left = [...readdirSync(join(folder, record)), ...readdirSync(join(folder, record, "record="))];
  // What was half made or half removed beside a value goes when one is made.
  const known = left.filter((name) => !/^(?:record=|(?:present|value)\.[0-9a-f.]+)$/.test(name));
  const extra = left.filter((name) => name.startsWith("value.")).length - 1;
  return [
    ...((await textAt(store, key)) === "later" ? [] : ["the later value is not there"]),
    ...(extra === 0 ? [] : [`${extra} values too many are left`]),
    ...(present === undefined && known.length > 0 ? [`left behind: ${known.join()}`] : []),
  ];
}

/** What a call can meet besides a kill. */
const errors: Readonly<Record<string, (call: TracedCall) => boolean>> = {
  EIO: () => true,
  ESTALE: ({ name }) => name === "rename",
  ENOSPC: ({ name }) => ["openat", "pwrite64", "mkdir", "rename"].includes(name),
  EACCES: ({ name }) => ["openat", "mkdir", "rename"].includes(name),
};

describe("a value in a folder is the old one or the new one, and who changed it knows which or that he does not", () => {
  for (const [name, action] of Object.entries(actions)) {
    test(`killed at every change of the disk: ${name}`, async () => {
      const calls = await recordRun(name, action);

      await inParallel(calls.map((call) => () => tryPoint(name, action, call, "signal=SIGKILL")));

      assert.deepEqual(violations, []);
    });

    test(`an error at every change of the disk: ${name}`, async () => {
      const calls = await recordRun(name, action);
      const faults = calls.flatMap((call) =>
        Object.entries(errors).flatMap(([code, canFail]) => (canFail(call) ? [{ call, fault: `error=${code}` }] : [])),
      );

      await inParallel(
        faults.map(
          ({ call, fault }) =>
            () =>
              tryPoint(name, action, call, fault),
        ),
      );

      assert.deepEqual(violations, []);
    });
  }

  test("what is named is on the disk before it is named, and the name before anybody hears of it", async () => {
    const order = async (name: keyof typeof actions) => {
      const calls = (await recordRun(name, actions[name]!)).map((call) => call.name);
      return calls.filter((call) => ["pwrite64", "fsync", "rename", "unlink"].includes(call));
    };

    // The value, its name; the change; its name.
    assert.deepEqual(await order("swap"), ["pwrite64", "fsync", "fsync", "rename", "fsync", "unlink"]);
    // The names of three folders; the value, the mark, their names; the change; its name.
    const folders = ["fsync", "fsync", "fsync"];
    assert.deepEqual(await order("create"), [...folders, "pwrite64", "fsync", "fsync", "fsync", "rename", "fsync"]);
  });

  test("and every point was tried", () => {
    console.log(`points tried: ${points}; violations: ${violations.length}`);
    assert.ok(points >= 90, `${points}`);
  });
});
