import { formatDuration, type Milliseconds } from "./duration.ts";

/** How the answers of one probe are judged. */
export interface HealthRule {
  readonly interval: Milliseconds;
  /** For becoming healthy, counted from the start of the service. */
  readonly deadline: Milliseconds;
  /** Passes in a row that make it healthy. */
  readonly passes: number;
  /** Failures in a row that make it unhealthy again while it is watched. */
  readonly failures: number;
  /** How long it is watched after it became healthy. */
  readonly bake: Milliseconds;
}

/** One answer of a probe; `at`: milliseconds since the service was started. */
export interface TimedAnswer {
  readonly at: Milliseconds;
  readonly healthy: boolean;
  readonly detail: string;
}

/**
 * "starting": not healthy yet; "baking": healthy, and watched whether it stays so; "healthy": proved, nothing is left to
 * watch. `next`: when to probe again, in milliseconds since the start; for the last two states there is no next time.
 */
export type HealthVerdict =
  | { readonly state: "starting" | "baking"; readonly next: Milliseconds }
  | { readonly state: "healthy" }
  | { readonly state: "unhealthy"; readonly reason: string };

/**
 * Judges what a probe answered so far, oldest first, at the moment `now` (since the start). The same answers at a later
 * moment give the same verdict or a later one: "healthy" and "unhealthy" stay.
 */
export function judgeHealth(rule: HealthRule, answers: readonly TimedAnswer[], now: Milliseconds): HealthVerdict {
  const proof = findProof(rule, answers);
  return proof === undefined ? judgeStart(rule, answers, now) : judgeBake(rule, answers, proof);
}

/**
 * The verdict over all probes of a service: every one must be healthy, one that is not decides. `next`: the earliest.
 * Without any probe a service counts as healthy at once.
 */
export function combineHealth(verdicts: readonly HealthVerdict[]): HealthVerdict {
  const unhealthy = verdicts.find(({ state }) => state === "unhealthy");
  if (unhealthy) return unhealthy;
  const open = verdicts.filter((verdict) => "next" in verdict);
  if (open.length === 0) return { state: "healthy" };
  const state = open.some((verdict) => verdict.state === "starting") ? "starting" : "baking";
  return { state, next: Math.min(...open.map(({ next }) => next)) };
}

/** The place of the answer that completed the passes in a row, in time. */
function findProof({ passes, deadline }: HealthRule, answers: readonly TimedAnswer[]): number | undefined {
  let streak = 0;
  for (const [place, { at, healthy }] of answers.entries()) {
    if (at > deadline) return undefined;
    streak = healthy ? streak + 1 : 0;
    if (streak >= passes) return place;
  }
  return undefined;
}

function judgeStart(rule: HealthRule, answers: readonly TimedAnswer[], now: Milliseconds): HealthVerdict {
  const last = answers.at(-1);
  if (Math.max(now, last?.at ?? 0) >= rule.deadline) {
    const said = last === undefined ? "no probe answered" : `the last probe said: ${last.detail}`;
    return { state: "unhealthy", reason: `not healthy within ${formatDuration(rule.deadline)}; ${said}` };
  }
  const next = last === undefined ? 0 : last.at + rule.interval;
  return { state: "starting", next: Math.min(next, rule.deadline) };
}

/** The bake ends with a pass at or after its end: a service that fails just then is looked at until it is clear. */
function judgeBake(rule: HealthRule, answers: readonly TimedAnswer[], proof: number): HealthVerdict {
  const end = (answers[proof]?.at ?? 0) + rule.bake;
  let streak = 0;
  for (const { at, healthy, detail } of answers.slice(proof)) {
    streak = healthy ? 0 : streak + 1;
    if (streak >= rule.failures) {
      const times = streak === 1 ? "a probe failed" : `${streak} probes in a row failed`;
      return { state: "unhealthy", reason: `${times} after it had become healthy; the last one said: ${detail}` };
    }
    if (healthy && at >= end) return { state: "healthy" };
  }
  const last = answers.at(-1)?.at ?? 0;
  const next = last + rule.interval;
  return { state: "baking", next: last < end ? Math.min(next, end) : next };
}
