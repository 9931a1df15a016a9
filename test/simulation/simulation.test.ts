import assert from "node:assert/strict";
import { test } from "node:test";
import { proveSeeds } from "./campaign.ts";

test("no promise breaks in 100 simulated fleets, whatever fails, and each seed gives one run", async () => {
  const { figures, problem } = await proveSeeds({ first: 1, count: 100, workers: 2, wishes: {} });

  assert.equal(problem && `seed ${problem.seed}: ${problem.invariant}, ${problem.sentence}`, undefined);
  assert.equal(figures.runs, 100);
});
