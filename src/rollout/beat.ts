import type { Milliseconds } from "../domain/duration.ts";
import { asFailure } from "../domain/failures/failure.ts";
import type { Store } from "../drivers/stores/store.ts";
import type { Clock, Logger } from "../platform/ports.ts";

const usualBeat: Milliseconds = 30_000;
/** After a beat that the store did not take. */
const nextTry: Milliseconds = 5_000;

/** What stands under a host's name in `beats/`: different with every write. */
export interface Beat {
  readonly host: string;
  readonly attempt: string;
  readonly number: number;
  /** By the host's clock, for people; milliseconds since 1970. */
  readonly at: number;
}

/** How often a holder beats, and an observer looks: several times within the patience of the observers. */
export function beatEvery(lostAfter: Milliseconds): Milliseconds {
  return Math.min(usualBeat, lostAfter / 3);
}

export interface BeatParts {
  readonly store: Store;
  readonly key: string;
  readonly host: string;
  readonly every: Milliseconds;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Ends all beats. */
  readonly until: AbortSignal;
}

/** Beats at once and then regularly, until disposed of. A beat is a hint: one that is lost costs nothing but a log line. */
export function startBeating(parts: BeatParts, attempt: string): Disposable {
  const controller = new AbortController();
  void beatOn(parts, attempt, AbortSignal.any([controller.signal, parts.until]));
  return { [Symbol.dispose]: () => controller.abort(new Error("the beat is over")) };
}

async function beatOn(parts: BeatParts, attempt: string, signal: AbortSignal): Promise<void> {
  for (let number = 1; !signal.aborted; number += 1) {
    const taken = await beatOnce(parts, { host: parts.host, attempt, number, at: parts.clock.wall() }, signal);
    const wait = taken ? parts.every : Math.min(parts.every, nextTry);
    await parts.clock.sleep(wait, signal).catch(() => {});
  }
}

async function beatOnce({ store, key, logger }: BeatParts, beat: Beat, signal: AbortSignal): Promise<boolean> {
  try {
    await store.put(key, new TextEncoder().encode(JSON.stringify(beat)), signal);
    return true;
  } catch (thrown) {
    if (!signal.aborted)
      logger.log("warn", "The store did not take a sign of life.", { problem: asFailure(thrown).message });
    return false;
  }
}

/** Undefined for what is none. */
export function readBeat(bytes: Uint8Array): Beat | undefined {
  try {
    const value: unknown = JSON.parse(new TextDecoder().decode(bytes));
    if (typeof value !== "object" || value === null) return undefined;
    const { host, attempt, number, at } = value as Partial<Record<keyof Beat, unknown>>;
    const sound = typeof host === "string" && typeof attempt === "string" && typeof number === "number";
    return sound && typeof at === "number" ? { host, attempt, number, at } : undefined;
  } catch {
    return undefined;
  }
}
