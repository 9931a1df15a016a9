import type { Milliseconds } from "../domain/duration.ts";
import type { Phase, RolloutRecord } from "../domain/rollout/record.ts";
import { hostsBefore, nearBefore, patienceOf, pollDelay, slowestPace } from "../domain/rollout/turn-order.ts";
import type { RecordReader } from "./record-reader.ts";

/** A watch is renewed after so long at the latest. */
const watchPatience: Milliseconds = 30_000;
/** A host that may not ask whatever its turn is (the release is denied, …). */
const parkedPace: Milliseconds = 30_000;
/** What a host leaves to each one before it when a slot is free, to find it. */
const courtesy: Milliseconds = 20;
/** What a host before this one takes at the least, as long as nothing is known of the rollout's speed. */
const quickest: Milliseconds = 10;
/** Those who are woken by one change do not ask in the same moment. */
const stagger: Milliseconds = 5;

/** turn: slots are taken; free: one is free, and others go first; parked: something stands in the way that is not a slot. */
export type Pause = "turn" | "free" | "parked";

export interface Follower {
  /** Whether this host asks for a slot that is free: when its turn is near, or those before it do not. */
  mayAsk(record: RolloutRecord): boolean;
  /** Returns when it is time to look again; at most `most` later. */
  pause(
    why: Pause,
    record: RolloutRecord,
    version: string | undefined,
    most: Milliseconds,
    signal: AbortSignal,
  ): Promise<void>;
}

/**
 * How one waiting host follows the record. Hosts near their turn see every change, by `watch` or at the store's pace. The
 * others sleep half of the time that their turn is away by the speed of the rollout so far, so that each looks a few times
 * only, however large the fleet is: for one change, about 2 × limit + 2 hosts read the record, and 20 with the largest limit.
 */
export function createFollower(reader: RecordReader, host: string): Follower {
  const { clock, random, store } = reader;
  let waitingSince = clock.monotonic();
  let freeAt: number | undefined;
  /** From where the speed is measured: canaries say nothing of it. */
  let mark: { readonly phase: Phase; readonly at: Milliseconds; readonly before: number } | undefined;

  const farNap = (record: RolloutRecord): Milliseconds => {
    const before = hostsBefore(record, host);
    const now = clock.monotonic();
    if (mark?.phase !== record.phase) mark = { phase: record.phase, at: now, before };
    const each = (now - mark.at) / Math.max(mark.before - before, record.plan.limit);
    return Math.min(slowestPace, Math.max(before * quickest, (before * each) / 2));
  };

  const sleepFor = (why: Pause, record: RolloutRecord): Milliseconds => {
    const before = hostsBefore(record, host);
    const pace = pollDelay(record, host, store.pace, random.fraction());
    if (why === "free") return Math.min(slowestPace, store.pace + courtesy * (1 + before)) * jitter(random.fraction());
    if (why === "parked") return Math.max(pace, parkedPace * jitter(random.fraction()));
    return Math.max(pace, store.watch === undefined ? 0 : farNap(record) * jitter(random.fraction()));
  };

  return {
    mayAsk(record) {
      const now = clock.monotonic();
      const starved = now - waitingSince >= patienceOf(record, host, random.fraction());
      // It was free before this host's last pause, and nobody took it.
      const leftOver = freeAt === record.seq;
      freeAt = record.seq;
      if (hostsBefore(record, host) > 0 && !starved && !leftOver) return false;
      waitingSince = now;
      return true;
    },
    async pause(why, record, version, most, signal) {
      const follows = why === "parked" || (why === "turn" && hostsBefore(record, host) === 0);
      if (store.watch === undefined || !follows) {
        await clock.sleep(Math.min(most, sleepFor(why, record)), signal);
        return;
      }
      const patience = Math.min(most, watchPatience * jitter(random.fraction()));
      const asked = clock.monotonic();
      await store.watch(reader.key, version, patience, signal);
      // It may resolve for nothing: never a loop without a pause.
      const least = clock.monotonic() - asked < 1 ? stagger : 0;
      await clock.sleep(least + (random.fraction() * 2 + nearBefore(record, host)) * stagger, signal);
    },
  };
}

/** Give or take a quarter. */
function jitter(fraction: number): number {
  return 0.75 + 0.5 * fraction;
}
