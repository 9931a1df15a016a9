// npm run simulate -- --seeds N [--seed S] [--hosts N] [--workers N] [--trace]: whole fleets in simulated worlds, each seed run
// twice. Stops at the first promise that is broken, and says how to see it again.
import { parseArgs } from "node:util";
import { proveSeeds, type Verdict } from "../test/simulation/campaign.ts";
import { type Figures, runSeed } from "../test/simulation/run.ts";

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "100" },
    seed: { type: "string", default: "1" },
    hosts: { type: "string" },
    workers: { type: "string", default: "2" },
    trace: { type: "boolean", default: false },
  },
});
const first = whole("seed", values.seed);
const count = whole("seeds", values.seeds);
const wishes = values.hosts === undefined ? {} : { hosts: whole("hosts", values.hosts) };
const lastEvents = 60;

if (values.trace) await traceOne();
else await proveAll();

/** One run, told as it goes. */
async function traceOne() {
  const { violation, hash } = await runSeed(first, wishes, { trace: (line) => console.log(line), logs: true });
  console.log(violation ? `VIOLATED ${violation.invariant}: ${violation.problem}` : `Nothing violated. Trace ${hash}.`);
  process.exitCode = violation ? 1 : 0;
}

async function proveAll() {
  const began = performance.now();
  let said = began;
  let soFar: Figures | undefined;
  // A long campaign that somebody ends has still seen what it has seen.
  process.once("SIGINT", () => {
    if (soFar !== undefined) tell({ figures: soFar, problem: undefined }, began);
    console.log("Stopped before the end.");
    process.exit(130);
  });
  const onProgress = (figures: Figures) => {
    soFar = figures;
    const { runs, updates } = figures;
    if (performance.now() - said < 10_000) return;
    said = performance.now();
    console.log(`${runs} seeds, ${updates} host-updates, ${seconds(began)} s`);
  };
  const verdict = await proveSeeds({ first, count, workers: whole("workers", values.workers), wishes, onProgress });
  tell(verdict, began);
  process.exitCode = verdict.problem ? 1 : 0;
}

function tell({ figures, problem }: Verdict, began: number) {
  const { runs, updates, hours, steps, requests, conflicts, faults } = figures;
  console.log(`\n${runs} seeds, each run twice, in ${seconds(began)} s`);
  console.log(`${updates} host-updates in ${Math.round(hours)} simulated hours, ${steps} steps`);
  console.log(`${requests} requests to the store, ${conflicts} swaps that came too late`);
  console.log("Faults:");
  for (const [kind, times] of Object.entries(faults).sort()) console.log(`${String(times).padStart(10)}  ${kind}`);
  if (problem === undefined) return console.log("\nNothing violated; every second run took the course of the first.");
  const again = `npm run simulate -- --seeds 1 --seed ${problem.seed}${values.hosts ? ` --hosts ${values.hosts}` : ""} --trace`;
  console.log(`\n${problem.last.slice(-lastEvents).join("\n")}`);
  console.log(`\nVIOLATED ${problem.invariant}: ${problem.sentence}`);
  console.log(`Seed ${problem.seed}; to see it again: ${again}`);
}

function seconds(began: number): number {
  return Math.round((performance.now() - began) / 1000);
}

function whole(name: string, text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  console.error(`--${name} is "${text}", not a whole number from 1.`);
  process.exit(2);
}
