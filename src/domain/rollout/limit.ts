import type { RolloutDeclaration } from "../service.ts";
import { largestLimit, type RolloutPlan } from "./record.ts";
import type { HostReport } from "./report.ts";

/** A report is fresh within so many of its own intervals. */
const freshFor = 3;

/** How many hosts at a time: a share is rounded up, so that it is never none. */
function limitOf(limit: RolloutDeclaration["limit"], hosts: number): number {
  if ("count" in limit) return boundedLimit(limit.count);
  // 7% of 100 is 7.000000000000001 in floating point, which is not 8 hosts.
  return boundedLimit(Math.ceil(Number(((limit.percent * hosts) / 100).toFixed(6))));
}

/** What a host that begins a rollout writes into the record. */
export function planOf(declaration: RolloutDeclaration, hosts: number): RolloutPlan {
  const { canary, failureBudget, abortBudget, onHalt } = declaration;
  return { limit: limitOf(declaration.limit, hosts), canary, failureBudget, abortBudget, onHalt };
}

/** Within what a record may hold. */
export function boundedLimit(limit: number): number {
  return Math.min(largestLimit, Math.max(1, Math.floor(limit)));
}

/**
 * How many hosts there are, by those that reported lately; at least the one that asks. Clocks may differ: a report out of the
 * future is fresh. `now` is wall-clock milliseconds.
 */
export function countHosts(reports: readonly HostReport[], now: number): number {
  return Math.max(1, reports.filter((report) => isFresh(report, now)).length);
}

/** Whether a host gives its sign of life as often as it said. */
export function isFresh(report: HostReport, now: number): boolean {
  return now - report.at <= freshFor * report.every;
}
