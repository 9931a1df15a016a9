import { Failure, failure } from "../domain/failures/failure.ts";
import type { HostReport } from "../domain/rollout/report.ts";
import { decodeReport } from "../domain/rollout/report-text.ts";
import type { Store } from "../drivers/stores/store.ts";
import type { Space } from "./keys.ts";

/** So many are read at a time. */
const together = 16;

/** All that hosts said of their service; what cannot be read is left out. Rejects as the store does. */
export async function readReports(store: Store, space: Space, signal: AbortSignal): Promise<readonly HostReport[]> {
  const keys = await store.list(space.reports, signal);
  const reports = await readAll(store, keys, signal, (bytes) => {
    try {
      return decodeReport(bytes, store.place);
    } catch (thrown) {
      if (thrown instanceof Failure) return undefined;
      throw thrown;
    }
  });
  return reports.toSorted((one, other) => (one.host < other.host ? -1 : 1));
}

/** Reads many keys, a few at a time; what is gone meanwhile, or makes no sense, is left out. */
export async function readAll<Value>(
  store: Store,
  keys: readonly string[],
  signal: AbortSignal,
  decode: (bytes: Uint8Array) => Value | undefined,
): Promise<Value[]> {
  const values: Value[] = [];
  for (let place = 0; place < keys.length; place += together) {
    const read = keys.slice(place, place + together).map((key) => store.read(key, signal));
    for (const found of await Promise.all(read)) {
      const value = found && decode(found.bytes);
      if (value !== undefined) values.push(value);
    }
  }
  return values;
}

/** The highest number of the record that any host saw. */
export function highestFloor(reports: readonly HostReport[]): number {
  return reports.reduce((highest, { floor }) => Math.max(highest, floor), 0);
}

/** A fleet that saw a record before never begins another by itself. Throws "record-vanished". */
export function requireFirst(place: string, reports: readonly HostReport[]): void {
  const floor = highestFloor(reports);
  if (floor > 0) throw failure("record-vanished", { place, floor, seen: "none" });
}
