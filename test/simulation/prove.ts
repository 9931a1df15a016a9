import type { Wishes } from "./plan.ts";
import { type Figures, runSeed } from "./run.ts";

/** What one seed came to, run twice. */
export interface Proof {
  readonly seed: number;
  readonly figures: Figures;
  /** Undefined: no promise was broken, and both runs were the same. */
  readonly problem: Problem | undefined;
}

export interface Problem {
  readonly invariant: string;
  readonly sentence: string;
  /** The last that happened, in words. */
  readonly last: readonly string[];
}

/** Runs a seed twice: the second run must take the very same course. */
export async function proveSeed(seed: number, wishes: Wishes): Promise<Proof> {
  const first = await runSeed(seed, wishes);
  const { figures, violation, last } = first;
  if (violation)
    return { seed, figures, problem: { invariant: violation.invariant, sentence: violation.problem, last } };
  const second = await runSeed(seed, wishes);
  if (second.hash === first.hash) return { seed, figures, problem: undefined };
  const sentence = `the same seed took another course: ${first.hash} and ${second.hash}`;
  return { seed, figures, problem: { invariant: "one seed, one run", sentence, last: [] } };
}
