import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { RolloutPlan } from "../../../src/domain/rollout/record.ts";
import { decodeRecord, encodeRecord } from "../../../src/domain/rollout/record-text.ts";
import { movesOf } from "./moves.ts";
import { checkPromises } from "./promises.ts";
import { type Fleet, newWorld, type Upload, type World } from "./world.ts";

const digests = ["a", "b", "c"].map((letter) => letter.repeat(64));

const plan: fc.Arbitrary<RolloutPlan> = fc.record(
  {
    limit: fc.integer({ min: 1, max: 3 }),
    canary: fc.integer({ min: 0, max: 3 }),
    failureBudget: fc.integer({ min: 0, max: 2 }),
    abortBudget: fc.integer({ min: 0, max: 2 }),
    onHalt: fc.constantFrom("hold", "revert"),
  },
  { noNullPrototype: true },
);

/** Newer and older uploads, two of one date, undated ones, those of other channels, and contents that come again. */
const upload: fc.Arbitrary<Upload> = fc.record(
  {
    digest: fc.constantFrom(...digests),
    order: fc.integer({ min: 1, max: 3 }),
    line: fc.constantFrom("stable", "beta"),
    proven: fc.boolean(),
    quality: fc.constantFrom("good", "bad", "mixed"),
  },
  { requiredKeys: ["digest", "quality"], noNullPrototype: true },
);

const fleet: fc.Arbitrary<Fleet> = fc.record({
  uploads: fc.array(upload, { minLength: 1, maxLength: 5 }),
  plan,
  losses: fc.boolean(),
  aborts: fc.boolean(),
  breaks: fc.boolean(),
  operators: fc.boolean(),
  deaths: fc.integer({ min: 0, max: 1 }),
  flights: fc.integer({ min: 0, max: 3 }),
  echoes: fc.integer({ min: 0, max: 8 }),
});

const choices = fc.array(fc.nat(), { maxLength: 150, size: "max" });

function walk(fleet: Fleet, hosts: readonly string[], choices: readonly number[], each: (world: World) => void): void {
  let world = newWorld(fleet, hosts);
  for (const choice of choices) {
    const moves = movesOf(world);
    if (moves.length === 0) return;
    world = (moves[choice % moves.length] as (typeof moves)[number]).take();
    each(world);
  }
}

test("whatever happens to a fleet, in whatever order, every promise holds after every step", () => {
  fc.assert(
    fc.property(fleet, choices, (fleet, choices) => walk(fleet, ["a", "b", "c", "d"], choices, checkPromises)),
    { numRuns: 1500 },
  );
});

test("clones of one host never make more machines than the limit, unless a lost slot or an operator's word freed one", () => {
  fc.assert(
    fc.property(fleet, choices, (fleet, choices) => walk(fleet, ["a", "a", "b", "b"], choices, checkPromises)),
    { numRuns: 600 },
  );
});

test("every record that can come about is written and read as it is, names of any kind included", () => {
  const odd = ["__proto__", "constructor", "web 1/ä", "toString"];

  fc.assert(
    fc.property(fleet, choices, (fleet, choices) =>
      walk(fleet, odd, choices, (world) => {
        checkPromises(world);
        if (world.record !== undefined) assert.deepEqual(decodeRecord(encodeRecord(world.record)), world.record);
      }),
    ),
    { numRuns: 150 },
  );
});
