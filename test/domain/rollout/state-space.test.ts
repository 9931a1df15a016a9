import assert from "node:assert/strict";
import { test } from "node:test";
import { explore } from "./state-space.ts";
import { type Fleet, newWorld, type World } from "./world.ts";

/** An upload that may turn out either way on each host, replaced at any moment by a good one. */
const calm: Omit<Fleet, "plan"> = {
  uploads: [
    { digest: "x", order: 1, quality: "mixed" },
    { digest: "y", order: 2, quality: "good" },
  ],
  losses: false,
  aborts: false,
  breaks: false,
  operators: false,
  deaths: 0,
  flights: 0,
  echoes: 0,
};

/** All plans of a small fleet. */
const plans = [1, 2].flatMap((limit) =>
  [0, 1].flatMap((canary) =>
    [0, 1].map((failureBudget) => ({ limit, canary, failureBudget, abortBudget: 1, onHalt: "hold" }) as const),
  ),
);

/** A channel that goes back: some hosts had that release before. */
const back: Omit<Fleet, "plan"> = {
  ...calm,
  uploads: [
    { digest: "x", order: 9, line: "beta", quality: "mixed" },
    { digest: "y", order: 2, line: "stable", quality: "good", proven: true },
  ],
};

const aims = {
  isGoal: (world: World) => world.machines.every(({ running, stage }) => running === "y" && stage === "idle"),
  needsOperator: ({ record, machines }: World) =>
    record?.phase === "halted" || machines.some(({ stage, outcome }) => stage === "reporting" && outcome === "aborted"),
};

const worlds = [
  {
    name: "three hosts, a late or unanswered write at any moment",
    hosts: ["a", "b", "c"],
    fleet: { ...calm, flights: 1 },
    plans,
  },
  {
    name: "three hosts, each called lost at any moment, rightly or not",
    hosts: ["a", "b", "c"],
    fleet: { ...calm, losses: true },
    plans,
  },
  {
    name: "three hosts that go on to another channel and back to what some of them had, with late writes",
    hosts: ["a", "b", "c"],
    fleet: { ...back, flights: 1 },
    plans: plans.filter(({ canary }) => canary === 1),
  },
  {
    name: "two hosts that give up, are called lost, and whose writes come late",
    hosts: ["a", "b"],
    fleet: { ...calm, losses: true, aborts: true, flights: 1 },
    plans: plans.filter(({ limit }) => limit === 1),
  },
];

for (const { name, hosts, fleet, plans: some } of worlds) {
  test(`in every state of ${name}: all promises hold and a good release can reach every host`, (t) => {
    let [states, moves] = [0, 0];
    for (const plan of some) {
      const explored = explore(newWorld({ ...fleet, plan }, hosts), aims);

      assert.deepEqual(explored.deadEnds.slice(0, 1), [], `a dead end with ${JSON.stringify(plan)}`);
      assert.ok(explored.goals > 0);
      states += explored.states;
      moves += explored.moves;
    }
    t.diagnostic(`${states} states and ${moves} moves visited, of ${some.length} plans`);
    assert.ok(states > 50_000, `only ${states} states`);
  });
}
