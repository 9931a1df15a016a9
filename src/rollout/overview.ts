import type { RolloutRecord } from "../domain/rollout/record.ts";
import { decodeRecord } from "../domain/rollout/record-text.ts";
import type { HostReport } from "../domain/rollout/report.ts";
import type { Store } from "../drivers/stores/store.ts";
import { type Beat, readBeat } from "./beat.ts";
import { encodeName, type Space } from "./keys.ts";
import { readAll, readReports } from "./reports.ts";

/** All that a store knows of one rollout. */
export interface RolloutOverview {
  /** Undefined: there is none yet. */
  readonly record: RolloutRecord | undefined;
  /** By the names of their hosts. */
  readonly reports: readonly HostReport[];
  /** Of the hosts that hold a slot, for the attempt that holds it. */
  readonly beats: readonly Beat[];
}

/** Reads it all: the record, each report, and the beat of each holder. Rejects as the store does, or with "record-unreadable". */
export async function overview(store: Store, space: Space, signal: AbortSignal): Promise<RolloutOverview> {
  const [found, reports] = await Promise.all([store.read(space.record, signal), readReports(store, space, signal)]);
  const record = found && decodeRecord(found.bytes, store.place);
  return { record, reports, beats: await readBeats(store, space, record, signal) };
}

/** Of the hosts that hold a slot, for the attempt that holds it. Rejects as the store does. */
export async function readBeats(
  store: Store,
  space: Space,
  record: RolloutRecord | undefined,
  signal: AbortSignal,
): Promise<readonly Beat[]> {
  const slots = Object.entries(record?.slots ?? {});
  const keys = slots.map(([host]) => `${space.beats}${encodeName(host)}`);
  const beats = await readAll(store, keys, signal, readBeat);
  return beats.filter(({ attempt }) => slots.some(([, slot]) => slot.attempt === attempt));
}
