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
}

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
  const next = { ...watch, streak, passing: healthy, answered: now };
  return watch.proved === undefined ? observeStart(next, now, rules) : observeBake(next, watch.proved, now, rules);
}

/** What the answers so far mean at the moment `now`. */
export function healthVerdict(watch: HealthWatch, now: Milliseconds, rules: HealthRules): HealthVerdict {
  if (watch.verdict !== undefined) return watch.verdict;
  if (watch.proved !== undefined) return "baking";
  return now - watch.began >= rules.deadline ? "unhealthy" : "starting";
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
  if (now - watch.began > rules.deadline) return { ...watch, verdict: "unhealthy" };
  if (!watch.passing || watch.streak < rules.passes) return watch;
  return { ...watch, proved: now, ...(rules.bake <= 0 && { verdict: "healthy" as const }) };
}

/** The bake ends with a pass at or after its end: a service that fails just then is looked at until it is clear. */
function observeBake(watch: HealthWatch, proved: Milliseconds, now: Milliseconds, rules: HealthRules): HealthWatch {
  if (!watch.passing) return watch.streak >= rules.failures ? { ...watch, verdict: "unhealthy" } : watch;
  return now - proved >= rules.bake ? { ...watch, verdict: "healthy" } : watch;
}
