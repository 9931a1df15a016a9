import type { RolloutEvent } from "../../../src/domain/rollout/events.ts";
import type { RolloutRecord } from "../../../src/domain/rollout/record.ts";
import { isOpen, slotOf } from "../../../src/domain/rollout/standing.ts";
import { type Books, withName, withoutSlotOf } from "./books.ts";
import { bookFinish } from "./finish-books.ts";
import { checkHalts } from "./halts.ts";

/** Throws when the write itself breaks a promise. */
export function booked(
  books: Books,
  old: RolloutRecord | undefined,
  record: RolloutRecord,
  event: RolloutEvent,
): Books {
  const after = bookEvent(books, old, record, event);
  checkHalts(after, old, record, event);
  return after;
}

function bookEvent(books: Books, old: RolloutRecord | undefined, record: RolloutRecord, event: RolloutEvent): Books {
  if (event.type === "start") return bookStart(books, old, event);
  if (event.type === "retry") return bookRetry(books, old, record);
  if (old === undefined) throw new Error(`a ${event.type} made a record`);
  return bookChange(books, old, event);
}

type Change = Exclude<RolloutEvent, { type: "start" | "retry" }>;

function bookChange(books: Books, old: RolloutRecord, event: Change): Books {
  const release = old.release?.digest ?? "";
  switch (event.type) {
    case "acquire":
      return bookAcquire(books, old, event);
    case "fence":
      return bookFence(books, old, event);
    case "lost":
      return bookLost(books, old, event);
    case "present":
      if (event.digest !== release) throw new Error("S4: a host counts for a release that it does not have");
      return { ...books, ok: withName(books.ok, event.host) };
    case "pause":
      return { ...books, paused: true };
    case "resume": {
      const barred = books.barred.filter((digest) => digest !== release);
      return { ...books, live: [], lost: [], aborted: [], paused: false, barred };
    }
    case "halt":
      return { ...books, barred: release === "" ? books.barred : withName(books.barred, release) };
    case "forget":
      return forgotten(books, old, event.host);
    case "finish":
      return bookFinish(books, old, event);
    case "set-limit":
      return books;
  }
}

function bookStart(
  books: Books,
  old: RolloutRecord | undefined,
  event: Extract<RolloutEvent, { type: "start" }>,
): Books {
  const { digest, order, line } = event.release;
  const before = old?.release;
  if (Object.values(old?.slots ?? {}).some(isOpen)) throw new Error("a release began while hosts were at another");
  const dated = before?.order !== undefined && order !== undefined && before.line === line;
  if (dated && order < before.order) throw new Error("an older upload began");
  const same = dated && order === before.order;
  if (same && books.replaced.includes(digest)) throw new Error("an upload began that was replaced");
  const replaced = same ? [...books.replaced, before.digest] : [];
  return { ...books, ok: [], live: [], lost: [], aborted: [], replaced };
}

function bookRetry(books: Books, old: RolloutRecord | undefined, record: RolloutRecord): Books {
  if (old !== undefined && record.retries <= old.retries) throw new Error("a retry that no host hears of");
  return { ...books, live: [], lost: [], aborted: [], barred: [], replaced: [], paused: false };
}

type Acquire = Extract<RolloutEvent, { type: "acquire" }>;

function bookAcquire(books: Books, old: RolloutRecord, event: Acquire): Books {
  // A slot that it holds already is taken up again at any time.
  if (slotOf(old, event.host)?.attempt !== event.attempt) requireWayBack(old, event.purpose, event.digest);
  // Who goes back tries nothing, and neither does who tried it before.
  if (event.purpose === "update" && !event.proven && onTrial(books, old, event.host) > old.plan.canary)
    throw new Error("more than the canaries");
  if (slotOf(old, event.host) === undefined && Object.keys(old.slots).length >= old.plan.limit)
    throw new Error(`S1: slot ${Object.keys(old.slots).length + 1} of ${old.plan.limit} was given`);
  return withoutSlotOf(books, old, event.host);
}

function bookFence(books: Books, old: RolloutRecord, event: Extract<RolloutEvent, { type: "fence" }>): Books {
  const slot = slotOf(old, event.host);
  if (slot?.attempt !== event.attempt) throw new Error("S1: a fence without a slot");
  if (books.barred.includes(event.digest)) throw new Error("S3: a refused content passed the fence");
  requireWayBack(old, slot.purpose, event.digest);
  if (slot.purpose === "update") {
    if (old.release?.digest !== event.digest) throw new Error("a fence of another release");
    if (old.phase === "halted" || old.phase === "paused") throw new Error("S2: a fence passed after the halt");
  }
  return { ...books, lost: books.lost.filter((attempt) => attempt !== event.attempt) };
}

/** Hosts go back from a halted release only, where its plan says so, and never to it. */
function requireWayBack({ phase, plan, release }: RolloutRecord, purpose: "update" | "revert", to: string): void {
  if (purpose === "update") return;
  const asked = phase === "halted" && plan.onHalt === "revert" && release?.digest !== to;
  if (!asked) throw new Error("a way back that nobody asked for");
}

function bookLost(books: Books, old: RolloutRecord, event: Extract<RolloutEvent, { type: "lost" }>): Books {
  const slot = slotOf(old, event.host);
  if (slot?.attempt !== event.attempt) throw new Error("a late word called the next attempt lost");
  if (!isOpen(slot)) throw new Error("a host was called lost that was in the middle of nothing");
  const counts = slot.purpose === "update" && slot.digest === old.release?.digest;
  return counts ? { ...books, lost: withName(books.lost, event.attempt) } : books;
}

function forgotten(books: Books, old: RolloutRecord, host: string): Books {
  const { aborted, ...rest } = withoutSlotOf(books, old, host);
  return { ...rest, aborted: aborted.filter((one) => one !== host) };
}

/** With the one that asks now: so many try the release while canaries prove it; those whose slot was taken before go anyway. */
function onTrial(books: Books, old: RolloutRecord, host: string): number {
  if (books.ok.length >= old.plan.canary || slotOf(old, host) !== undefined) return 0;
  const held = Object.values(old.slots).filter(({ digest }) => digest === old.release?.digest);
  return books.ok.length + held.length + 1;
}
