import type { Milliseconds } from "../domain/duration.ts";
import type { Slot } from "../domain/rollout/record.ts";
import { decodeRecord } from "../domain/rollout/record-text.ts";
import { slotOf } from "../domain/rollout/standing.ts";
import type { Store } from "../drivers/stores/store.ts";
import type { Clock } from "../platform/ports.ts";
import { beatEvery, readBeat } from "./beat.ts";
import { encodeName, type Space } from "./keys.ts";

/** Beyond the interval of the beats: the way to the store and back. */
const grace: Milliseconds = 5_000;
const between: Milliseconds = 1_000;

export interface VigilParts {
  readonly store: Store;
  readonly space: Space;
  readonly clock: Clock;
}

/** alive: it beats. silent: it does not. over: it no longer holds that slot. */
export type Vigil = "alive" | "silent" | "over";

/**
 * Watches the holder of a slot by the clock of this process alone: for as long as beats come (30 s, or a third of `lostAfter`),
 * any change of its beat says that it is alive. Rejects as the store does, or with the signal's reason.
 */
export async function watchHolder(
  { store, space, clock }: VigilParts,
  host: string,
  { attempt, lostAfter }: Slot,
  signal: AbortSignal,
): Promise<Vigil> {
  const key = `${space.beats}${encodeName(host)}`;
  const numberNow = async () => {
    const found = await store.read(key, signal);
    const beat = found && readBeat(found.bytes);
    return beat?.attempt === attempt ? beat.number : undefined;
  };
  const holdsNow = async () => {
    const found = await store.read(space.record, signal);
    return found !== undefined && slotOf(decodeRecord(found.bytes, store.place), host)?.attempt === attempt;
  };
  const first = await numberNow();
  const until = clock.monotonic() + beatEvery(lostAfter) + grace;
  while (clock.monotonic() < until) {
    await clock.sleep(between, signal);
    const number = await numberNow();
    if (!(await holdsNow())) return "over";
    if (number !== undefined && number !== first) return "alive";
  }
  return "silent";
}
