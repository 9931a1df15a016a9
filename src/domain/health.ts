import type { Milliseconds } from "./duration.ts";

/** How the answers of one probe are judged. */
export interface HealthRules {
  /** For becoming healthy, counted from the begin of the watch. */
  readonly deadline: Milliseconds;
  /** Passes in a row that make it healthy. */
  readonly passes: number;
  /** Failures in a row that make it unhealthy again while it bakes. */
  readonly failures: number;
  /** How long it is watched after it became healthy. */
  readonly bake: Milliseconds;
  /** From one answer to the next question. */
  readonly interval: Milliseconds;
  /** An answer takes no longer. */
  readonly timeout: Milliseconds;
}

/** What a busy machine may be late by without anybody having stood still. */
const slack: Milliseconds = 1_000;

/** What has to be remembered of the answers so far; moments are those of one monotonic clock. */
export interface HealthWatch {
  readonly began: Milliseconds;
  /** Answers of one kind in a row, up to now. */
  readonly streak: number;
  readonly passing: boolean;
  /** When it became healthy. */
  readonly proved?: Milliseconds;
  /** When the last answer came. */
  readonly answered?: Milliseconds;
  /** Reached for ever: a watch does not change its mind. */
  readonly verdict?: "healthy" | "unhealthy";
}

/** "starting": not healthy yet; "baking": healthy, and watched whether it stays so; the other two are final. */
export type HealthVerdict = "starting" | "baking" | "healthy" | "unhealthy";

/** The watch over one probe, from the moment that the service was started. */
export function beginWatch(now: Milliseconds): HealthWatch {
  return { began: now, streak: 0, passing: false };
}

/** The watch after one more answer, which came at `now`. */
export function observed(watch: HealthWatch, healthy: boolean, now: Milliseconds, rules: HealthRules): HealthWatch {
  if (watch.verdict !== undefined) return watch;
  const streak = watch.passing === healthy ? watch.streak + 1 : 1;
  const next = { ...withoutStandstill(watch, now, rules), streak, passing: healthy, answered: now };
  return next.proved === undefined ? observeStart(next, now, rules) : observeBake(next, next.proved, now, rules);
}

/** Time in which nobody looked, for the agent or the whole machine stood still, says nothing of the service: it is left out. */
function withoutStandstill(watch: HealthWatch, now: Milliseconds, rules: HealthRules): HealthWatch {
  const longest = rules.interval + rules.timeout + slack;
  const stood = Math.max(0, now - (watch.answered ?? watch.began) - longest);
  if (stood === 0) return watch;
  return { ...watch, began: watch.began + stood, ...(watch.proved !== undefined && { proved: watch.proved + stood }) };
}

/** What the answers so far mean; time alone says nothing. */
export function healthVerdict(watch: HealthWatch): HealthVerdict {
  return watch.verdict ?? (watch.proved === undefined ? "starting" : "baking");
}

/**
 * When to ask again: after the interval, but not after the deadline and not after the end of the bake, so that neither is
 * noticed late.
 */
export function nextProbe(watch: HealthWatch, interval: Milliseconds, rules: HealthRules): Milliseconds {
  if (watch.answered === undefined) return watch.began;
  const regular = watch.answered + interval;
  const end = watch.proved === undefined ? watch.began + rules.deadline : watch.proved + rules.bake;
  return watch.answered < end ? Math.min(regular, end) : regular;
}

/** The verdict over all probes of a service: every one must be healthy, one that is not decides. Without any it is healthy. */
export function combineHealth(verdicts: readonly HealthVerdict[]): HealthVerdict {
  const order = ["unhealthy", "starting", "baking"] as const;
  return order.find((one) => verdicts.includes(one)) ?? "healthy";
}

function observeStart(watch: HealthWatch, now: Milliseconds, rules: HealthRules): HealthWatch {
  const took = now - watch.began;
  if (watch.passing && watch.streak >= rules.passes && took <= rules.deadline) {
    return { ...watch, proved: now, ...(rules.bake <= 0 && { verdict: "healthy" as const }) };
  }
  return took >= rules.deadline ? { ...watch, verdict: "unhealthy" } : watch;
}

/** The bake ends with a pass at or after its end: a service that fails just then is looked at until it is clear. */
function observeBake(watch: HealthWatch, proved: Milliseconds, now: Milliseconds, rules: HealthRules): HealthWatch {
  if (!watch.passing) return watch.streak >= rules.failures ? { ...watch, verdict: "unhealthy" } : watch;
  return now - proved >= rules.bake ? { ...watch, verdict: "healthy" } : watch;
}
