import type { RolloutEvent } from "../../../src/domain/rollout/events.ts";
import type { RolloutRecord } from "../../../src/domain/rollout/record.ts";
import { slotOf } from "../../../src/domain/rollout/standing.ts";
import { type Books, withName, withoutSlotOf } from "./books.ts";

type Finish = Extract<RolloutEvent, { type: "finish" }>;

/** What the end of an attempt comes to, by what its host says and whether it held its slot. */
export function bookFinish(books: Books, old: RolloutRecord, event: Finish): Books {
  const slot = slotOf(old, event.host);
  const held = holds(old, event) ? slot : undefined;
  const after = held ? withoutSlotOf(books, old, event.host) : books;
  const proves = held?.purpose === "update" && held.digest === old.release?.digest;
  switch (event.outcome) {
    case "released":
      return after;
    case "aborted":
      return proves ? { ...after, aborted: withName(after.aborted, event.host) } : after;
    case "ok":
      if (held?.purpose === "revert") return { ...after, ok: without(after.ok, event.host) };
      if (!proves) return after;
      return { ...after, ok: withName(after.ok, event.host), aborted: without(after.aborted, event.host) };
    case "failed":
    case "broken":
      return bookBad(after, old, event, held !== undefined);
  }
}

/** Whether this attempt has its slot until now; a broken one told its end already. */
export function holds(old: RolloutRecord, { host, attempt }: Finish): boolean {
  const slot = slotOf(old, host);
  return slot?.attempt === attempt && slot.state !== "broken";
}

function bookBad(books: Books, old: RolloutRecord, event: Finish, held: boolean): Books {
  const { host, attempt, digest, outcome } = event;
  const broken = held && outcome === "broken" ? { ...books.broken, [host]: attempt } : books.broken;
  const ofRelease = digest === old.release?.digest;
  if (books.bad.includes(attempt) || !(held || ofRelease)) return { ...books, broken };
  const bad = [...books.bad, attempt];
  if (!ofRelease) return { ...books, broken, bad };
  const live = [...books.live, attempt];
  const over = outcome === "broken" || live.length + books.lost.length > old.plan.failureBudget;
  const ok = outcome === "failed" ? without(books.ok, host) : books.ok;
  return { ...books, broken, ok, bad, live, barred: over ? withName(books.barred, digest) : books.barred };
}

function without(names: readonly string[], name: string): readonly string[] {
  return names.filter((one) => one !== name);
}
