import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import type { Store } from "../../../src/drivers/stores/store.ts";
import { bytes } from "./opened.ts";

interface Tally {
  readonly count: number;
  readonly by: Readonly<Record<string, number>>;
}

export interface Counting {
  /** Swaps whose outcome nobody knew. */
  unknown: number;
  conflicts: number;
  /** Increments that are known to be done. */
  done: number;
  /** Reads and swaps that failed. */
  failures: number;
  /** All writers are through; rejects when one of them is not within the limit. */
  readonly finished: Promise<void>;
}

/**
 * So many writers, each with a store of its own, count up one value together by swaps. A writer that does not know whether its swap
 * was done reads its own tally back, as hosts do.
 */
export function countTogether(stores: readonly Store[], key: string, each: number, limit: number): Counting {
  const signal = AbortSignal.timeout(limit);
  const counting = { unknown: 0, conflicts: 0, done: 0, failures: 0 };
  const count = async (store: Store, name: string) => {
    for (let own = 0; own < each; ) {
      try {
        const present = await store.read(key, signal);
        const tally = tallyOf(present?.bytes);
        const recorded = tally.by[name] ?? 0;
        assert.ok(recorded === own || recorded === own + 1, `${name} stands at ${recorded}, and has counted ${own}`);
        if (recorded > own) {
          own = recorded;
          counting.done += 1;
          continue;
        }
        const next = { count: tally.count + 1, by: { ...tally.by, [name]: own + 1 } };
        const swap = await store.swap(key, bytes(JSON.stringify(next)), present?.version, signal);
        if (swap.outcome === "unknown") counting.unknown += 1;
        if (swap.outcome === "conflict") counting.conflicts += 1;
        if (swap.outcome === "swapped") {
          own += 1;
          counting.done += 1;
        } else {
          await sleep(Math.random() * 20);
        }
      } catch (error) {
        if (signal.aborted || error instanceof assert.AssertionError) throw error;
        counting.failures += 1;
        await sleep(50);
      }
    }
  };
  const all = stores.map((store, place) => count(store, `writer${place}`));
  return Object.assign(counting, { finished: Promise.all(all).then(() => undefined) });
}

export function tallyOf(value: Uint8Array | undefined): Tally {
  return value === undefined ? { count: 0, by: {} } : (JSON.parse(new TextDecoder().decode(value)) as Tally);
}

/** No count was lost, and none was counted twice. */
export function assertCounted(tally: Tally, writers: number, each: number): void {
  assert.deepEqual(
    Object.values(tally.by),
    Array.from({ length: writers }, () => each),
  );
  assert.equal(tally.count, writers * each);
}
