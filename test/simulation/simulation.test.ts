import assert from "node:assert/strict";
import { test } from "node:test";
import { proveSeeds } from "./campaign.ts";

/** Seeds of one test; each test has a time limit of its own. */
const share = 250;

for (const first of [1, 1 + share]) {
  test(`fleets ${first} to ${first + share - 1} keep every promise while all kinds of things fail, and come to their end in peace; each seed gives one run`, async () => {
    const { figures, problem } = await proveSeeds({ first, count: share, workers: 2, wishes: {} });

    assert.equal(problem && `seed ${problem.seed}: ${problem.invariant}, ${problem.sentence}`, undefined);
    assert.equal(figures.runs, share);
  });
}
