import { failure } from "../domain/failures/failure.ts";
import type { RolloutRecord } from "../domain/rollout/record.ts";
import { decodeRecord } from "../domain/rollout/record-text.ts";
import type { Store } from "../drivers/stores/store.ts";
import type { Clock, Random } from "../platform/ports.ts";

/** The record and its version, as they were read or written together. Both undefined: there is none. */
export interface SeenRecord {
  readonly record: RolloutRecord | undefined;
  readonly version: string | undefined;
}

/** `at`: by this host's clock; milliseconds since 1970. */
export interface RecordSight {
  readonly record: RolloutRecord;
  readonly at: number;
}

/** One record in one store, and what this process saw of it last. */
export interface RecordReader {
  readonly store: Store;
  readonly key: string;
  readonly clock: Clock;
  readonly random: Random;
  /** The highest number seen, also by earlier processes of this host; a record below it, or none, is refused. */
  floor(): number;
  /** Throws the store's failure, "record-unreadable", or "record-vanished" for a record that went below the floor. */
  read(signal: AbortSignal): Promise<SeenRecord>;
  last(): SeenRecord | undefined;
  /** The record as it was there last, for people; undefined: it was never seen. */
  seen(): RecordSight | undefined;
  wrote(record: RolloutRecord, version: string): void;
  /** What was seen last is no longer there. */
  forget(): void;
}

/**
 * `remembered`: the highest number that this host remembers for certain. `decode`: where an unreadable record is to be written
 * over, it says so by undefined.
 */
export function createRecordReader(
  parts: Pick<RecordReader, "store" | "key" | "clock" | "random">,
  remembered: () => number,
  decode: (bytes: Uint8Array, place: string) => RolloutRecord | undefined = decodeRecord,
): RecordReader {
  const { store, key } = parts;
  let last: SeenRecord | undefined;
  let sight: RecordSight | undefined;
  let highest = 0;
  const floor = () => Math.max(highest, remembered());
  const keep = (seen: SeenRecord): SeenRecord => {
    highest = Math.max(highest, seen.record?.seq ?? 0);
    last = seen;
    if (seen.record !== undefined) sight = { record: seen.record, at: parts.clock.wall() };
    return seen;
  };
  return {
    ...parts,
    floor,
    async read(signal) {
      for (;;) {
        last = undefined;
        const least = floor();
        const found = await store.read(key, signal);
        const record = found && decode(found.bytes, store.place);
        if ((record?.seq ?? 0) < least) {
          const seen = record === undefined ? "none" : `number ${record.seq}`;
          throw failure("record-vanished", { place: store.place, floor: least, seen });
        }
        // What another call of this process wrote meanwhile is no reason to distrust the store: it is asked again.
        if ((record?.seq ?? 0) >= floor()) return keep({ record, version: found?.version });
      }
    },
    last: () => last,
    seen: () => sight,
    wrote(record, version) {
      // The answer to an earlier write may come after that to a later one.
      if (record.seq >= floor()) keep({ record, version });
    },
    forget() {
      last = undefined;
    },
  };
}
