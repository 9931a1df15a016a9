import { median } from "./measure.ts";

/** What services noted in one rollout: when each went down and came up again, by one clock, in milliseconds. */
export interface Downs {
  readonly begins: readonly number[];
  readonly ends: readonly number[];
}

export interface RolloutTimes {
  /** From the first one down to the last one up. */
  readonly total: number;
  /** From one service up again to the next one down. */
  readonly handOver: { readonly median: number; readonly worst: number };
  /** The most that were down at once. */
  readonly most: number;
}

/** With `limit` slots, the service that goes down as number n + limit does so in the slot of the one that came up as number n. */
export function timesOf(downs: Downs, limit: number): RolloutTimes {
  const begins = downs.begins.toSorted((one, other) => one - other);
  const ends = downs.ends.toSorted((one, other) => one - other);
  const gaps = begins.slice(limit).map((at, place) => at - (ends[place] ?? Number.NaN));
  return {
    total: (ends.at(-1) ?? Number.NaN) - (begins[0] ?? Number.NaN),
    handOver: { median: median(gaps), worst: percentile(gaps, 0.99) },
    most: mostAtOnce(downs),
  };
}

function mostAtOnce({ begins, ends }: Downs): number {
  const steps = [...begins.map((at) => ({ at, by: 1 })), ...ends.map((at) => ({ at, by: -1 }))];
  steps.sort((one, other) => one.at - other.at || other.by - one.by);
  let down = 0;
  let most = 0;
  for (const { by } of steps) {
    down += by;
    most = Math.max(most, down);
  }
  return most;
}

/** The value that this share of all does not exceed. */
function percentile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((one, other) => one - other);
  return sorted[Math.ceil(sorted.length * share) - 1] ?? Number.NaN;
}
