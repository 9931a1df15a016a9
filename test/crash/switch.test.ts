import assert from "node:assert/strict";
import { describe, test } from "node:test";
import { changesDisk } from "./strace.ts";
import { scenarios } from "./switch-scenarios.ts";
import { gaps, inParallel, recordRun, summary, tryPoint, violations } from "./switch-trial.ts";

describe("a destination is one whole release", { timeout: 600_000 }, () => {
  for (const [name, scenario] of Object.entries(scenarios)) {
    test(`after a kill at every change of the disk: ${name}`, async () => {
      const calls = (await recordRun(name, scenario)).filter(changesDisk);

      await inParallel(calls.map((call) => () => tryPoint(name, scenario, call, "signal=SIGKILL")));

      assert.deepEqual(violations, []);
      assert.ok(!scenario.swaps || !gaps.has(name), "the destination was missing for an instant");
    });
  }

  test("and every point was tried", () => {
    const { points, line } = summary();

    console.log(line);
    assert.ok(points >= 400, line);
  });
});
