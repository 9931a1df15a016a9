import type { Milliseconds } from "../domain/duration.ts";
import type { RolloutRecord, Slot } from "../domain/rollout/record.ts";
import { isOpen } from "../domain/rollout/standing.ts";
import type { Store } from "../drivers/stores/store.ts";
import type { Clock } from "../platform/ports.ts";
import { beatEvery } from "./beat.ts";
import { encodeName, type Space } from "./keys.ts";

/** Somebody whose beat stood still for its whole `lostAfter`. */
export interface LostHolder {
  readonly host: string;
  readonly attempt: string;
}

export interface BeatObserver {
  /** Looks at the beats that are due. Rejects as the store does: then what was seen so far proves nothing (`blind`). */
  look(record: RolloutRecord, near: boolean, signal: AbortSignal): Promise<readonly LostHolder[]>;
  /** When the next look is due; never less than a second. */
  dueIn(record: RolloutRecord, near: boolean): Milliseconds;
  /** This host saw nothing for a while: holders may have been as cut off as it was. */
  blind(): void;
}

/** A gap between two looks that is longer says that this host stood still, not the holder. */
const longestGap: Milliseconds = 150_000;

interface Sight {
  readonly attempt: string;
  readonly since: Milliseconds;
  beat?: string | undefined;
  unchangedSince?: Milliseconds;
  lookedAt?: Milliseconds;
}

/**
 * Watches holders by this host's own monotonic clock only: not by what clock a beat was written. A beat is looked at once its
 * slot has been seen for as long as a beat takes, so that a quick fleet never looks; hosts whose turn is far leave it to the near
 * ones for a while.
 */
export function createBeatObserver(parts: { store: Store; space: Space; clock: Clock }): BeatObserver {
  const { clock } = parts;
  const sights = new Map<string, Sight>();

  const sightOf = (holder: string, slot: Slot): Sight => {
    const known = sights.get(holder);
    if (known?.attempt === slot.attempt) return known;
    const fresh = { attempt: slot.attempt, since: clock.monotonic() };
    sights.set(holder, fresh);
    return fresh;
  };
  const dueAt = (sight: Sight, { lostAfter }: Slot, near: boolean): Milliseconds => {
    const every = beatEvery(lostAfter);
    if (sight.lookedAt !== undefined) return sight.lookedAt + every;
    return sight.since + every + (near ? 0 : 2 * lostAfter);
  };

  return {
    async look(record, near, signal) {
      const open = openSlots(record);
      for (const holder of sights.keys()) if (!open.some(([name]) => name === holder)) sights.delete(holder);
      const lost: LostHolder[] = [];
      for (const [holder, slot] of open) {
        const sight = sightOf(holder, slot);
        if (dueAt(sight, slot, near) > clock.monotonic()) continue;
        const beat = await parts.store.read(`${parts.space.beats}${encodeName(holder)}`, signal);
        if (stoodStill(sight, beat && new TextDecoder().decode(beat.bytes), clock.monotonic()) >= slot.lostAfter) {
          lost.push({ host: holder, attempt: slot.attempt });
        }
      }
      return lost;
    },
    dueIn(record, near) {
      const now = clock.monotonic();
      const due = openSlots(record).map(([holder, slot]) => dueAt(sightOf(holder, slot), slot, near) - now);
      return Math.max(1000, Math.min(...due));
    },
    blind() {
      sights.clear();
    },
  };
}

/** Notes what was seen, and says for how long it has been so. */
function stoodStill(sight: Sight, beat: string | undefined, now: Milliseconds): Milliseconds {
  const gap = now - (sight.lookedAt ?? now);
  const same = sight.lookedAt !== undefined && sight.beat === beat && gap <= longestGap;
  sight.lookedAt = now;
  sight.beat = beat;
  if (!same || sight.unchangedSince === undefined) sight.unchangedSince = now;
  return now - sight.unchangedSince;
}

/** Also the one in this host's own name, if there is one: who observes waits, and so it is another machine's. */
function openSlots(record: RolloutRecord): readonly [string, Slot][] {
  return Object.entries(record.slots).filter(([, slot]) => isOpen(slot));
}
