import type { RolloutRecord, Slot } from "../../src/domain/rollout/record.ts";
import type { Books, SlotBook } from "./books.ts";
import { harmOf, judgePhase, judgeStart } from "./phase-invariants.ts";

/** What must hold of every write of the record, whoever made it; judged from the books and from what the write changed. */
export interface Write {
  readonly before: RolloutRecord | undefined;
  readonly after: RolloutRecord;
  /** The monotonic clock of the machine that this attempt runs on. */
  readonly clockOf: (attempt: string) => number | undefined;
}

export type Violates = (invariant: string, problem: string) => void;

/** Judges a write, and brings it into the books. */
export function judgeWrite(books: Books, write: Write, violates: Violates): void {
  judgeNumber(write, violates);
  judgePhase(write, violates);
  judgeStart(write, violates);
  judgeSlots(books, write, violates);
  judgeFailures(books, write, violates);
  judgeSuccesses(books, write, violates);
  books.record = write.after;
  judgeCount(books, violates);
}

/** I6, S5: the number grows by one with every write. */
function judgeNumber({ before, after }: Write, violates: Violates): void {
  const mends = after.writer.event === "retry" && after.seq > (before?.seq ?? 0);
  if (after.seq !== (before?.seq ?? 0) + 1 && !mends) {
    violates("S5", `the number went from ${before?.seq} to ${after.seq}`);
  }
}

/** I4, I5, I6: how slots come, pass the fence, and go. */
function judgeSlots(books: Books, write: Write, violates: Violates): void {
  const { before: earlier, after } = write;
  const known = new Map(books.slots);
  for (const [host, slot] of Object.entries(earlier?.slots ?? {})) {
    const now = after.slots[host];
    if (now?.attempt !== slot.attempt) judgeFreed(books, write, host, slot, violates);
  }
  for (const [host, slot] of Object.entries(after.slots)) {
    const old = earlier?.slots[host];
    const before = known.get(host);
    // Nothing came of the attempt after the one that left the host broken.
    const again = slot.state === "broken" && old?.broken === slot.attempt;
    if (again && before) books.slots.set(host, { ...before, attempt: slot.attempt, fencedAt: undefined });
    else if (old?.attempt !== slot.attempt) judgeAcquired(books, write, host, slot, before, violates);
    const book = books.slots.get(host) as SlotBook;
    book.limit = Math.max(book.limit, after.plan.limit);
    const fences = after.writer.event === "fence" && after.writer.host === host;
    if (!fences && slot.fenced && old?.attempt === slot.attempt && !old.fenced)
      violates("S2", `${host} was fenced by "${after.writer.event}"`);
    if (fences) {
      judgeFence(write, host, slot, violates);
      book.fencedAt = write.clockOf(slot.attempt);
    }
  }
}

/** S1: a slot goes by its holder's own outcome, by an operator, or to the next attempt of its own host. */
function judgeFreed(books: Books, { after }: Write, host: string, slot: Slot, violates: Violates): void {
  const { event, host: writer } = after.writer;
  books.slots.delete(host);
  if (event === "forget") forgive(books, host, slot);
  else if (event === "finish" && writer === host) books.ended.add(slot.attempt);
  else if (event === "acquire" && writer === host) {
    // Of its own attempts that ended the host knows; everything else was somebody else's of the same name.
    const ended = hasEnded(books, slot.attempt);
    if (!ended && slot.state !== "lost")
      violates("S1", `${host} took over a slot that another machine of its name holds`);
    // A clone that broke and could not say so is lost to its fleet, and down all the same.
    if (!ended || slot.state === "lost") books.excused.set(slot.attempt, "taken over");
    books.ended.add(slot.attempt);
  } else violates("S1", `"${event}" by ${writer} freed the slot of ${host}`);
}

/** X1: what this host still does is no longer the rollout's. */
function forgive({ excused, down }: Books, host: string, { attempt }: Slot): void {
  excused.set(attempt, "forgotten");
  for (const one of down.values()) if (one.host === host) excused.set(one.attempt, "forgotten");
}

function hasEnded({ attempts }: Books, attempt: string): boolean {
  return attempts.get(attempt)?.update.state === "idle";
}

/** S1, S2, S3, I4: who gets a slot, and when. One that takes over its own host's slot takes nobody else's. */
function judgeAcquired(
  books: Books,
  { before, after }: Write,
  host: string,
  slot: Slot,
  replaced: SlotBook | undefined,
  violates: Violates,
): void {
  const { event, host: writer } = after.writer;
  const limit = Math.max(replaced?.limit ?? 0, after.plan.limit);
  books.slots.set(host, { attempt: slot.attempt, limit, fencedAt: undefined, since: after.seq });
  if (event !== "acquire" || writer !== host) violates("S1", `"${event}" by ${writer} gave ${host} a slot`);
  // What a machine of the same name took over as lost did not end: its own machine may ask for it again.
  const tookOver = books.excused.get(slot.attempt) === "taken over";
  const told = hasEnded(books, slot.attempt) && books.attempts.get(slot.attempt)?.update.reported === true;
  if (told || (books.ended.has(slot.attempt) && !tookOver)) {
    violates("S4", `${host} got a slot for an attempt that ended`);
  }
  if (before !== undefined) mayHold(before, slot, host, violates);
  if (before === undefined) violates("S1", `${host} got a slot of nothing`);
  if (before === undefined || replaced) return;
  const taken = Object.keys(after.slots).length;
  if (taken > before.plan.limit) violates("S1", `${host} got slot ${taken} of ${before.plan.limit}`);
  const canaries = before.plan.canary - before.ok.count;
  if (before.phase === "canary" && taken > canaries)
    violates("I4", `${host} got slot ${taken}, with ${canaries} canaries left`);
}

function judgeFence({ before }: Write, host: string, slot: Slot, violates: Violates): void {
  if (before?.slots[host]?.attempt !== slot.attempt) violates("S2", `${host} passed the fence without a slot`);
  if (before !== undefined) mayHold(before, slot, host, violates);
}

/** S2, S3: neither a slot nor the fence for what is halted or denied. */
function mayHold(before: RolloutRecord, slot: Slot, host: string, violates: Violates): void {
  const { phase, denied, release, plan } = before;
  if (denied.some(({ digest }) => digest === slot.digest)) violates("S3", `${host} may have what is denied`);
  if (slot.purpose === "revert") {
    if (phase !== "halted" || plan.onHalt !== "revert") violates("S2", `${host} goes back, and the rollout does not`);
  } else {
    if (phase === "halted" || phase === "paused") violates("S2", `${host} may go on while the rollout is ${phase}`);
    if (release?.digest !== slot.digest) violates("S2", `${host} may have what is not on offer`);
  }
}

/** I6, S4: each failure is counted once, and none is forgotten; too many halt the rollout. */
function judgeFailures(books: Books, { before, after }: Write, violates: Violates): void {
  const known = new Set(before?.failed.map(({ attempt }) => attempt));
  if (new Set(after.failed.map(({ attempt }) => attempt)).size < after.failed.length) {
    violates("S4", `the failure of ${after.writer.host} was counted once more`);
  }
  for (const { attempt, host } of after.failed) {
    if (known.has(attempt)) continue;
    if (books.counted.has(attempt)) violates("S4", `the failure of ${host} was counted twice`);
    books.counted.add(attempt);
    const outcome = books.attempts.get(attempt)?.update.outcome;
    if (!failures.has(outcome ?? "")) violates("S4", `${host} was counted as failed, and was ${outcome}`);
  }
  const { event, host } = after.writer;
  const slot = event === "finish" ? before?.slots[host] : undefined;
  if (
    slot !== undefined &&
    after.slots[host] === undefined &&
    slot.purpose === "update" &&
    slot.digest === before?.release?.digest
  ) {
    const outcome = books.attempts.get(slot.attempt)?.update.outcome;
    if (failures.has(outcome ?? "") && !books.counted.has(slot.attempt)) {
      violates("S4", `${host} was ${outcome}, and nobody counted it`);
    }
  }
  if (harmOf(after) > after.plan.failureBudget && after.phase !== "halted") {
    violates("S2", `${harmOf(after)} failed or lost, and the rollout is ${after.phase}`);
  }
}

const failures: ReadonlySet<string> = new Set(["rolled-back", "withdrawn", "broken"]);

/** I6: who counts as healthy has the release, and it proved good there. */
function judgeSuccesses(books: Books, { before, after }: Write, violates: Violates): void {
  const { ok, release } = after;
  if (new Set(ok.hosts).size !== ok.count) violates("S4", `${ok.count} are well, and ${ok.hosts.length} are named`);
  const known = new Set(before?.release?.digest === release?.digest ? before?.ok.hosts : []);
  for (const host of ok.hosts) {
    if (known.has(host) || books.proven.has(`${host} ${release?.digest}`)) continue;
    violates("S4", `${host} counts as well, and the release did not prove good there`);
  }
}

/** I4, S1: never more slots than the largest limit in force since each of them was acquired. */
function judgeCount({ slots }: Books, violates: Violates): void {
  const least = Math.min(...[...slots.values()].map(({ limit }) => limit));
  if (slots.size > least) violates("S1", `${slots.size} slots are taken under a limit of ${least}`);
}
