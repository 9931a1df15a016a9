import type { Milliseconds } from "../domain/duration.ts";
import type { Slot } from "../domain/rollout/record.ts";
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

/**
 * Whether the holder of a slot is alive, by the clock of this process alone: its beat is watched for as long as beats come
 * (30 s, or a third of `lostAfter`), and any change of it says yes. Rejects as the store does, or with the signal's reason.
 */
export async function givesSignOfLife(
  { store, space, clock }: VigilParts,
  host: string,
  { attempt, lostAfter }: Slot,
  signal: AbortSignal,
): Promise<boolean> {
  const key = `${space.beats}${encodeName(host)}`;
  const numberNow = async () => {
    const found = await store.read(key, signal);
    const beat = found && readBeat(found.bytes);
    return beat?.attempt === attempt ? beat.number : undefined;
  };
  const first = await numberNow();
  const until = clock.monotonic() + beatEvery(lostAfter) + grace;
  while (clock.monotonic() < until) {
    await clock.sleep(between, signal);
    const number = await numberNow();
    if (number !== undefined && number !== first) return true;
  }
  return false;
}
