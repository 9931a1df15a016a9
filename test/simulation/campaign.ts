import { Worker } from "node:worker_threads";
import type { FaultKind } from "./fault-kinds.ts";
import type { Wishes } from "./plan.ts";
import type { Problem, Proof } from "./prove.ts";
import type { Figures } from "./run.ts";
import type { Share } from "./worker.ts";

/** Many seeds at once. */
export interface Order {
  readonly first: number;
  readonly count: number;
  readonly workers: number;
  readonly wishes: Wishes;
  /** After each share. */
  readonly onProgress?: (figures: Figures) => void;
}

export interface Verdict {
  readonly figures: Figures;
  /** The first one that came in; the others were given up then. */
  readonly problem: (Problem & { readonly seed: number }) | undefined;
}

/** A run leaves much behind that is dead when the next begins. */
const youth = { maxYoungGenerationSizeMb: 64 };
/** So many seeds are given out at a time. */
const share = 10;
/** A killed agent lets nothing go, and its signals stay for ever: a thread that ran so many shares is replaced by a new one. */
const lifetime = 50;

export async function proveSeeds({ first, count, workers, wishes, onProgress }: Order): Promise<Verdict> {
  let next = first;
  let figures = noFigures;
  let problem: Verdict["problem"];
  const end = first + count;

  const goesOn = () => next < end && problem === undefined;
  const work = async () => {
    const worker = new Worker(new URL("./worker.ts", import.meta.url), { resourceLimits: youth });
    try {
      for (let shares = 0; shares < lifetime && goesOn(); shares += 1) {
        const order: Share = { first: next, count: Math.min(share, end - next), wishes };
        next += share;
        for (const proof of await proofsOf(worker, order)) {
          figures = sumOf(figures, proof.figures);
          if (proof.problem) problem ??= { ...proof.problem, seed: proof.seed };
        }
        onProgress?.(figures);
      }
    } finally {
      await worker.terminate();
    }
    if (goesOn()) await work();
  };
  await Promise.all(Array.from({ length: workers }, work));
  return { figures, problem };
}

function proofsOf(worker: Worker, order: Share): Promise<readonly Proof[]> {
  return new Promise((resolve, reject) => {
    worker.once("error", reject);
    worker.once("message", (proofs: readonly Proof[]) => {
      worker.off("error", reject);
      resolve(proofs);
    });
    worker.postMessage(order);
  });
}

const noFigures: Figures = {
  runs: 0,
  events: 0,
  steps: 0,
  updates: 0,
  hours: 0,
  requests: 0,
  conflicts: 0,
  faults: {},
};

function sumOf(one: Figures, other: Figures): Figures {
  const kinds = [...Object.keys(one.faults), ...Object.keys(other.faults)] as FaultKind[];
  return {
    runs: one.runs + other.runs,
    events: one.events + other.events,
    steps: one.steps + other.steps,
    updates: one.updates + other.updates,
    hours: one.hours + other.hours,
    requests: one.requests + other.requests,
    conflicts: one.conflicts + other.conflicts,
    faults: Object.fromEntries(kinds.map((kind) => [kind, (one.faults[kind] ?? 0) + (other.faults[kind] ?? 0)])),
  };
}
