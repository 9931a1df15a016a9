import type { RolloutRecord } from "../../src/domain/rollout/record.ts";
import type { Violates, Write } from "./record-invariants.ts";

/** What must hold of the course of a rollout: how releases begin, and how halts and denials end. */

/** I5, S2, S3: nothing but the events that may do so ends a halt or takes a denial back. */
export function judgePhase({ before, after }: Write, violates: Violates): void {
  if (before === undefined) return;
  const { event } = after.writer;
  const thaws = event === "finish" && before.halt?.why === "lost";
  if (before.phase === "halted" && after.phase !== "halted" && !endsHalt.has(event) && !thaws) {
    violates("S2", `"${event}" ended the halt`);
  }
  const kept = new Set(after.denied.map(({ digest }) => digest));
  for (const { digest } of before.denied) {
    if (kept.has(digest) || event === "retry" || before.denied.length >= 20) continue;
    if (event === "resume" && digest === before.release?.digest) continue;
    violates("S3", `"${event}" took the denial of ${digest.slice(0, 8)} back`);
  }
  if (before.plan.limit !== after.plan.limit && event !== "start" && event !== "set-limit") {
    violates("S1", `"${event}" changed the limit`);
  }
  if (event === "retry" && after.retries <= before.retries) violates("L1", "no host will hear of this retry");
  if (isBack(before, after)) violates("L1", "halted for lost hosts, and they are back");
}

/** A host ended well enough, and what was lost is no more than may be: nobody has to say a word for the rest to go on. */
function isBack(before: RolloutRecord, after: RolloutRecord): boolean {
  const { event, host } = after.writer;
  const slot = before.slots[host];
  if (event !== "finish" || slot === undefined || after.slots[host] !== undefined) return false;
  if (after.halt?.why !== "lost" || after.failed.some(({ attempt }) => attempt === slot.attempt)) return false;
  return harmOf(after) <= after.plan.failureBudget;
}

/** S2, S3: what goes on offer, and when: while nobody is at another release, never what is refused, and no older upload. */
export function judgeStart({ before, after }: Write, violates: Violates): void {
  const { writer, release } = after;
  if (writer.event !== "start" || before === undefined) return;
  const open = Object.entries(before.slots).filter(([, { state }]) => state === "updating" || state === "switching");
  for (const [host] of open) violates("S2", `a release began while ${host} was at another`);
  if (before.denied.some(({ digest }) => digest === release?.digest)) violates("S3", "what is denied went on offer");
  const [order, earlier] = [release?.order, before.release?.order];
  if (order !== undefined && earlier !== undefined && order < earlier) violates("S2", "an older upload went on offer");
}

const endsHalt: ReadonlySet<string> = new Set(["resume", "retry", "start"]);

/** S5: a record that takes the place of one that vanished or went back goes above all that its hosts remember. */
export function judgeMended({ before, after }: Write, floors: readonly number[], violates: Violates): void {
  const mends = before === undefined || (before.release !== undefined && after.release === undefined);
  if (after.writer.event !== "retry" || !mends) return;
  const highest = Math.max(...floors);
  if (after.seq <= highest) violates("S5", `a new record begins with ${after.seq}, and ${highest} was seen`);
}

/** What uses up the failure budget. */
export function harmOf({ failed, slots, release }: RolloutRecord): number {
  const bad = failed.filter((one) => !one.acknowledged && one.digest === release?.digest);
  const lost = Object.values(slots).filter(
    (slot) =>
      slot.state === "lost" && !slot.acknowledged && slot.purpose === "update" && slot.digest === release?.digest,
  );
  return bad.length + lost.length;
}
