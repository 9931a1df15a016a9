import type { RolloutEvent } from "../../../src/domain/rollout/events.ts";
import type { RolloutRecord } from "../../../src/domain/rollout/record.ts";
import { isOpen, slotOf } from "../../../src/domain/rollout/standing.ts";

/** What an onlooker counts who sees every write and knows no rule but the promises. */
export interface Books {
  readonly ok: readonly string[];
  /** Attempts that ended badly, for ever. */
  readonly bad: readonly string[];
  /** Those of the release on offer that nobody acknowledged. */
  readonly live: readonly string[];
  /** Digests that no fence may pass. */
  readonly barred: readonly string[];
}

export const emptyBooks: Books = { ok: [], bad: [], live: [], barred: [] };

/** Throws when the write itself breaks a promise. */
export function booked(
  books: Books,
  old: RolloutRecord | undefined,
  record: RolloutRecord,
  event: RolloutEvent,
): Books {
  const release = record.release?.digest ?? "";
  switch (event.type) {
    case "start":
      if (Object.values(old?.slots ?? {}).some(isOpen)) throw new Error("a release began while hosts were at another");
      return { ...books, ok: [], live: [] };
    case "acquire":
      // Who goes back tries nothing.
      if (old !== undefined && event.purpose === "update" && onTrial(books, old, event.host) > old.plan.canary)
        throw new Error("more than the canaries");
      return books;
    case "fence":
      if (slotOf(old as RolloutRecord, event.host)?.attempt !== event.attempt)
        throw new Error("S1: a fence without a slot");
      if (books.barred.includes(event.digest)) throw new Error("S3: a refused content passed the fence");
      if (slotOf(old as RolloutRecord, event.host)?.purpose === "revert") return books;
      if (release !== event.digest) throw new Error("a fence of another release");
      if (old?.phase === "halted" || old?.phase === "paused") throw new Error("S2: a fence passed after the halt");
      return books;
    case "present":
      return { ...books, ok: [...new Set([...books.ok, event.host])].sort() };
    case "resume":
      return { ...books, live: [], barred: books.barred.filter((digest) => digest !== release) };
    case "retry":
      return { ...books, live: [], barred: [] };
    case "halt":
      return { ...books, barred: barring(books.barred, release) };
    case "finish":
      return finished(books, old as RolloutRecord, event);
    default:
      return books;
  }
}

/** With the one that asks now: so many try the release while canaries prove it; those whose slot was taken before go anyway. */
function onTrial(books: Books, old: RolloutRecord, host: string): number {
  if (books.ok.length >= old.plan.canary || slotOf(old, host) !== undefined) return 0;
  const held = Object.values(old.slots).filter(({ digest }) => digest === old.release?.digest);
  return books.ok.length + held.length + 1;
}

function finished(books: Books, old: RolloutRecord, event: Extract<RolloutEvent, { type: "finish" }>): Books {
  const release = old.release?.digest ?? "";
  const slot = slotOf(old, event.host);
  const held = slot?.attempt === event.attempt && slot.state !== "broken";
  if (event.outcome === "ok") {
    if (held && slot.purpose === "revert") return { ...books, ok: books.ok.filter((host) => host !== event.host) };
    const counts = held && event.digest === release;
    return counts ? { ...books, ok: [...new Set([...books.ok, event.host])].sort() } : books;
  }
  if (event.outcome !== "failed" && event.outcome !== "broken") return books;
  if (books.bad.includes(event.attempt)) return books;
  if (!held && event.digest !== release) return books;
  const bad = [...books.bad, event.attempt];
  if (event.digest !== release) return { ...books, bad };
  const live = [...books.live, event.attempt];
  const lost = Object.entries(old.slots).filter(
    ([host, one]) => host !== event.host && one.state === "lost" && !one.acknowledged && one.digest === release,
  );
  const over = event.outcome === "broken" || live.length + lost.length > old.plan.failureBudget;
  const ok = event.outcome === "failed" ? books.ok.filter((host) => host !== event.host) : books.ok;
  return { ok, bad, live, barred: over ? barring(books.barred, release) : books.barred };
}

function barring(barred: readonly string[], digest: string): readonly string[] {
  return digest === "" || barred.includes(digest) ? barred : [...barred, digest].sort();
}
