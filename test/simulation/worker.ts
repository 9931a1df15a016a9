import { parentPort } from "node:worker_threads";
import type { Wishes } from "./plan.ts";
import { type Proof, proveSeed } from "./prove.ts";

/** Proves the seeds that it is given, one share after the other. */

export interface Share {
  readonly first: number;
  readonly count: number;
  readonly wishes: Wishes;
}

// Nobody reads where an error of these worlds came from, and each would cost.
Error.stackTraceLimit = 0;

parentPort?.on("message", async ({ first, count, wishes }: Share) => {
  const proofs: Proof[] = [];
  for (let seed = first; seed < first + count; seed += 1) {
    const proof = await proveSeed(seed, wishes);
    proofs.push(proof);
    if (proof.problem !== undefined) break;
  }
  parentPort?.postMessage(proofs);
});
