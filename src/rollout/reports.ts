import { asFailure, Failure, failure } from "../domain/failures/failure.ts";
import { type RetryRule, retryWait } from "../domain/retry.ts";
import type { HostReport } from "../domain/rollout/report.ts";
import { decodeReport } from "../domain/rollout/report-text.ts";
import type { Store } from "../drivers/stores/store.ts";
import type { Space } from "./keys.ts";
import type { RecordReader } from "./record-reader.ts";

/** So many are read at a time. */
const together = 16;

/** Of many requests some fail, where few do: those are asked again, or a large fleet would never hear of all its hosts. */
const readTries: RetryRule = { first: 250, cap: 4_000, tries: 5, longestAsked: 0 };

/** What a wait takes. */
export type Patience = Pick<RecordReader, "clock" | "random">;

/**
 * All that hosts said of their service; what makes no sense is left out. Rejects as the store does: at once, or with `patience`
 * when one report failed a few times.
 */
export async function readReports(
  store: Store,
  space: Space,
  signal: AbortSignal,
  patience?: Patience,
): Promise<readonly HostReport[]> {
  const keys = await store.list(space.reports, signal);
  const decode = (bytes: Uint8Array) => {
    try {
      return decodeReport(bytes, store.place);
    } catch (thrown) {
      if (thrown instanceof Failure) return undefined;
      throw thrown;
    }
  };
  const reports = await readAll(store, keys, signal, decode, patience);
  return reports.toSorted((one, other) => (one.host < other.host ? -1 : 1));
}

/** Reads many keys, a few at a time; what is gone meanwhile, or makes no sense, is left out. */
export async function readAll<Value>(
  store: Store,
  keys: readonly string[],
  signal: AbortSignal,
  decode: (bytes: Uint8Array) => Value | undefined,
  patience?: Patience,
): Promise<Value[]> {
  const values: Value[] = [];
  for (let place = 0; place < keys.length; place += together) {
    const read = keys.slice(place, place + together).map((key) => readOne(store, key, signal, patience));
    for (const found of await Promise.all(read)) {
      const value = found && decode(found.bytes);
      if (value !== undefined) values.push(value);
    }
  }
  return values;
}

async function readOne(store: Store, key: string, signal: AbortSignal, patience: Patience | undefined) {
  for (let failures = 1; ; failures += 1) {
    try {
      return await store.read(key, signal);
    } catch (thrown) {
      if (patience === undefined || !asFailure(thrown).passing || failures >= readTries.tries) throw thrown;
      const { clock, random } = patience;
      await clock.sleep(retryWait(readTries, failures, random.fraction(), undefined), signal);
    }
  }
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
