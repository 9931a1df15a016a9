import type { RolloutRecord, Slot } from "../../src/domain/rollout/record.ts";
import type { UpdateRecord } from "../../src/update/record.ts";

/**
 * What an onlooker of the whole world knows, who sees every write of the record, every entry of a journal and every hook, and who
 * knows no rule but the promises.
 */
export interface Books {
  /** As it stands in the store; undefined: there is none. */
  record: RolloutRecord | undefined;
  /** By the host's name. */
  readonly slots: Map<string, SlotBook>;
  /** Attempts whose outcome the record has taken. */
  readonly ended: Set<string>;
  /** Attempts that hold no slot any more though they did not end: what they do is not the rollout's doing (see `excuses`). */
  readonly excused: Map<string, Excuse>;
  /** Attempts that the record counted as failed. */
  readonly counted: Set<string>;
  /** "host digest": it proved good there. */
  readonly proven: Set<string>;
  /** The last journaled state of each attempt, and the machine that it runs on. */
  readonly attempts: Map<string, { readonly machine: string; readonly update: UpdateRecord }>;
  /** Attempts whose before hook did its work. */
  readonly stopped: Set<string>;
  /** By machine: its service was taken down for an attempt, and nobody knows yet how that ends. */
  readonly down: Map<string, Down>;
}

export interface Down {
  /** In its fleet. */
  readonly host: string;
  readonly attempt: string;
  /** Whether the service was as it must be before; and whether an earlier attempt answers for it if it was not. */
  readonly before: "sound" | "down" | "unsound";
}

export interface SlotBook {
  readonly attempt: string;
  /** The largest in force since it was acquired. */
  limit: number;
  /** The monotonic clock of its machine as its last fence was granted. */
  fencedAt: number | undefined;
  /** The number of the record in which it was acquired; 0: nobody saw that. */
  readonly since: number;
}

/** The documented exceptions; nothing else loosens a check. */
export type Excuse =
  /** X1: an operator forgot a host that was in the middle of an update. */
  | "forgotten"
  /** Two machines of one name, or one that lost its memory: the one took over what the other had left. */
  | "taken over"
  /** Somebody removed the record or brought back an older one, in which this slot is not. */
  | "record lost"
  /** The machine was installed anew in the middle of an update. */
  | "began anew";

export function emptyBooks(): Books {
  return {
    record: undefined,
    slots: new Map(),
    ended: new Set(),
    excused: new Map(),
    counted: new Set(),
    proven: new Set(),
    attempts: new Map(),
    stopped: new Set(),
    down: new Map(),
  };
}

/** Services that are down or unproven now, as far as the rollout answers for them. */
export function answeredFor({ down, excused, attempts }: Books): readonly Down[] {
  return [...down.values()].filter(
    ({ attempt }) => !excused.has(attempt) && attempts.get(attempt)?.update.slot !== undefined,
  );
}

/** Somebody outside changed the record: from now on it counts as it is. */
export function rebase(books: Books, record: RolloutRecord | undefined): void {
  for (const { attempt } of books.slots.values()) {
    const kept = Object.values(record?.slots ?? {}).some((slot) => slot.attempt === attempt);
    if (!kept) books.excused.set(attempt, "record lost");
  }
  const known = new Map(books.slots);
  books.slots.clear();
  for (const [host, slot] of Object.entries(record?.slots ?? {})) {
    const limit = Math.max(record?.plan.limit ?? 0, Object.keys(record?.slots ?? {}).length);
    books.slots.set(host, bookOf(slot, limit, known.get(host)));
    books.ended.delete(slot.attempt);
  }
  // What was counted after the older state was written may be counted again.
  books.counted.clear();
  for (const { attempt } of record?.failed ?? []) books.counted.add(attempt);
  books.record = record;
}

/** A limit may have been larger once. An answer of the fence that is on its way is still as old as it is. */
function bookOf({ attempt }: Slot, limit: number, known: SlotBook | undefined): SlotBook {
  const fencedAt = known?.attempt === attempt ? known.fencedAt : undefined;
  return { attempt, limit, fencedAt, since: 0 };
}
