import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { changesDisk, type TracedCall } from "./strace.ts";
import { scenarios } from "./switch-scenarios.ts";
import { inParallel, recordRun, summary, tryPoint, violations } from "./switch-trial.ts";

const makesSomething = ["openat", "mkdir", "pwrite64", "copy_file_range", "symlink", "rename"];

/** Which calls can fail like this. */
const errors: Readonly<Record<string, (call: TracedCall) => boolean>> = {
  EIO: changesDisk,
  ENOSPC: (call) => changesDisk(call) && makesSomething.includes(call.name),
  EDQUOT: (call) => changesDisk(call) && makesSomething.includes(call.name),
  EROFS: (call) => changesDisk(call) && !["pwrite64", "fsync", "copy_file_range"].includes(call.name),
  EMFILE: (call) => call.name === "openat",
};

const everyError = ["update", "folder adopted without a swap"];
const onlyIo = ["install", "rollback", "folder adopted", "link adopted", "in-place update without a swap"];

describe("a destination is one whole release, and a message says what is wrong", { timeout: 600_000 }, () => {
  for (const name of [...everyError, ...onlyIo]) {
    for (const [code, canFail] of Object.entries(errors)) {
      if (code !== "EIO" && onlyIo.includes(name)) continue;
      test(`after ${code} at every call that can meet it: ${name}`, async () => {
        const scenario = scenarios[name];
        assert.ok(scenario !== undefined);
        const calls = (await recordRun(name, scenario)).filter(canFail);

        await inParallel(calls.map((call) => () => tryPoint(name, scenario, call, `error=${code}`)));

        assert.deepEqual(violations, []);
      });
    }
  }

  test("and every point was tried", () => {
    const { points, line } = summary();

    console.log(line);
    assert.ok(points >= 250, line);
  });
});
