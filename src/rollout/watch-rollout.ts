import type { Milliseconds } from "../domain/duration.ts";
import { asFailure, type Failure } from "../domain/failures/failure.ts";
import type { RolloutRecord } from "../domain/rollout/record.ts";
import { decodeRecord } from "../domain/rollout/record-text.ts";
import type { HostReport } from "../domain/rollout/report.ts";
import type { Store } from "../drivers/stores/store.ts";
import type { Clock } from "../platform/ports.ts";
import type { Beat } from "./beat.ts";
import type { Space } from "./keys.ts";
import { type RolloutOverview, readBeats } from "./overview.ts";
import { readReports } from "./reports.ts";

/** A rollout as it was seen last; `problem`: what keeps it from being seen anew. */
export interface RolloutSight extends RolloutOverview {
  readonly problem?: Failure;
}

/** A person looks on: ages are counted anew at least so often. */
const longestRest: Milliseconds = 2_000;
const beatsEvery: Milliseconds = 5_000;
/** Each report is one request: a large fleet is asked less often. */
const reportsEvery: Milliseconds = 3_000;
const reportsEach: Milliseconds = 100;
/** So long nothing but failures is put up with. */
const patience: Milliseconds = 120_000;
const failureRest: Milliseconds = 5_000;

export interface WatchParts {
  readonly store: Store;
  readonly space: Space;
  readonly clock: Clock;
  /** It is watched for so long. */
  readonly most: Milliseconds;
}

/**
 * A rollout as it goes on: at once, whenever it changed, and every two seconds or so. Throws what lasts ("record-unreadable", a
 * refusal of the store), what did not pass for two minutes, and the signal's reason.
 */
export async function* watchRollout(parts: WatchParts, signal: AbortSignal): AsyncGenerator<RolloutSight, void> {
  const { store, space, clock } = parts;
  const eyes = eyesOn(parts);
  const until = clock.monotonic() + parts.most;
  let last: RolloutOverview | undefined;
  let goodAt = clock.monotonic();
  while (clock.monotonic() < until) {
    try {
      const seen = await eyes.look(signal);
      last = seen.overview;
      goodAt = clock.monotonic();
      yield last;
      const asked = clock.monotonic();
      if (store.watch) await store.watch(space.record, seen.version, longestRest, signal);
      const least = store.watch ? 100 : Math.max(store.pace, longestRest);
      await clock.sleep(Math.max(0, least - (clock.monotonic() - asked)), signal);
    } catch (thrown) {
      signal.throwIfAborted();
      const problem = asFailure(thrown);
      if (!problem.passing || last === undefined || clock.monotonic() - goodAt >= patience) throw problem;
      yield { ...last, problem };
      await clock.sleep(failureRest, signal);
    }
  }
}

/** Looks at the record each time, and at the rest when it is due. */
function eyesOn({ store, space, clock }: Omit<WatchParts, "most">) {
  let reports: readonly HostReport[] = [];
  let reportsDue: Milliseconds = Number.NEGATIVE_INFINITY;
  let beats: readonly Beat[] = [];
  let beatsDue: Milliseconds = Number.NEGATIVE_INFINITY;
  let record: RolloutRecord | undefined;
  return {
    async look(signal: AbortSignal): Promise<{ readonly overview: RolloutOverview; readonly version?: string }> {
      const found = await store.read(space.record, signal);
      const now = clock.monotonic();
      const before = record;
      record = found && decodeRecord(found.bytes, store.place);
      if (now >= beatsDue || record?.seq !== before?.seq) {
        beats = await readBeats(store, space, record, signal);
        beatsDue = now + beatsEvery;
      }
      if (now >= reportsDue) {
        reports = await readReports(store, space, signal);
        reportsDue = now + reportsEvery + reportsEach * reports.length;
      }
      // Where that changed, hosts have something new to say by the next look.
      if (record?.phase !== before?.phase) reportsDue = now;
      return { overview: { record, reports, beats }, ...(found && { version: found.version }) };
    },
  };
}
