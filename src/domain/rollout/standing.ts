import type { Refusal } from "./events.ts";
import {
  type DeniedDigest,
  deniedKept,
  type FailedAttempt,
  failedKept,
  type Halt,
  namedHosts,
  type Phase,
  type RolloutRecord,
  reasonLength,
  type Slot,
  type Tally,
} from "./record.ts";

/** How a record stands, and the small changes that the rules are made of. Nothing here decides. */

/** What one rule comes to: the changed record (not numbered yet), "settled", or why not. */
export type Change = RolloutRecord | "settled" | Refusal;

/** Host names are data: "constructor" holds no slot unless it took one. */
export function slotOf(record: RolloutRecord, host: string): Slot | undefined {
  return Object.hasOwn(record.slots, host) ? record.slots[host] : undefined;
}

export function withSlot(record: RolloutRecord, host: string, slot: Slot): RolloutRecord {
  return { ...record, slots: { ...record.slots, [host]: slot } };
}

export function withoutSlot(record: RolloutRecord, host: string): RolloutRecord {
  const { [host]: _gone, ...slots } = record.slots;
  return { ...record, slots };
}

/** Every slot counts, whatever its state. */
export function slotsTaken(record: RolloutRecord): number {
  return Object.keys(record.slots).length;
}

/** Whether somebody is in the middle of an update, as far as anybody knows. */
export function isOpen(slot: Slot): boolean {
  return slot.state === "updating" || slot.state === "switching";
}

/** Whether what becomes of this slot says anything of the release on offer: not if it is another's, or one that goes back. */
export function provesRelease(record: RolloutRecord, slot: Pick<Slot, "digest" | "purpose">): boolean {
  return slot.purpose === "update" && slot.digest === record.release?.digest;
}

/** What uses up the failure budget: failures and losses of this release that nobody acknowledged. */
export function harm(record: RolloutRecord): number {
  const lost = Object.values(record.slots).filter((slot) => countsAsLost(record, slot));
  return liveFailures(record).length + lost.length;
}

export function liveFailures(record: RolloutRecord): readonly FailedAttempt[] {
  return record.failed.filter((one) => one.acknowledged !== true && one.digest === record.release?.digest);
}

function countsAsLost(record: RolloutRecord, slot: Slot): boolean {
  return slot.state === "lost" && slot.acknowledged !== true && provesRelease(record, slot);
}

export function overBudget(record: RolloutRecord): boolean {
  return harm(record) > record.plan.failureBudget;
}

export function isDenied(record: RolloutRecord, digest: string): boolean {
  return record.denied.some((one) => one.digest === digest);
}

/** Denies the release on offer. */
export function denied(record: RolloutRecord, reason: string): RolloutRecord {
  const digest = record.release?.digest;
  if (digest === undefined || isDenied(record, digest)) return record;
  const list: readonly DeniedDigest[] = [...record.denied, { digest, reason: shortReason(reason) }];
  return { ...record, denied: list.slice(-deniedKept) };
}

/** The phase that the count of healthy hosts comes to, when nothing stops the rollout. */
export function runningPhase({ ok, plan, hosts }: RolloutRecord): Phase {
  // Before the canaries: a fleet may have fewer hosts than canaries.
  if (ok.count >= hosts) return "complete";
  return ok.count < plan.canary ? "canary" : "rolling";
}

/** Moves on when enough hosts are healthy; never backwards, and never out of a halt or a pause. */
export function advanced(record: RolloutRecord): RolloutRecord {
  const moving = record.phase === "canary" || record.phase === "rolling";
  const phase = runningPhase(record);
  return moving && phase !== "canary" ? { ...record, phase } : record;
}

/** A cause that ends by itself never hides one that needs an operator; of equal ones the first stays. */
const strength: Readonly<Record<Halt["why"], number>> = { lost: 0, aborts: 1, operator: 2, failures: 2, broken: 2 };

export function halted(record: RolloutRecord, halt: Halt): RolloutRecord {
  if (record.halt !== undefined && strength[halt.why] <= strength[record.halt.why]) return record;
  const paused = record.phase === "paused" || record.halt?.paused === true;
  const short = { ...halt, reason: shortReason(halt.reason) };
  return { ...record, phase: "halted", halt: paused ? { ...short, paused } : short };
}

export function withoutHalt(record: RolloutRecord): RolloutRecord {
  const { halt: _over, ...rest } = record;
  return rest;
}

/** Ends a halt that had no cause but lost hosts, once they are back. */
export function thawed(record: RolloutRecord): RolloutRecord {
  if (record.halt?.why !== "lost" || overBudget(record)) return record;
  return { ...withoutHalt(record), phase: record.halt.paused ? "paused" : runningPhase(record) };
}

/** Marks all failures and losses so far: they count no longer, new ones do. */
export function acknowledged(record: RolloutRecord): RolloutRecord {
  const slots = Object.entries(record.slots).map(([host, slot]): [string, Slot] => [
    host,
    slot.state === "lost" ? { ...slot, acknowledged: true } : slot,
  ]);
  const failed = record.failed.map((one): FailedAttempt => ({ ...one, acknowledged: true }));
  return { ...record, slots: Object.fromEntries(slots), failed };
}

export function withFailure(record: RolloutRecord, failure: FailedAttempt): RolloutRecord {
  const failed = [...record.failed, { ...failure, reason: shortReason(failure.reason) }];
  return { ...record, failed: failed.slice(-failedKept) };
}

export function wasCounted(record: RolloutRecord, attempt: string): boolean {
  return record.failed.some((one) => one.attempt === attempt);
}

export const nobody: Tally = { count: 0, hosts: [] };

/** Whether every host of the tally is named: only then can one be said not to be in it. */
export function namesAll(tally: Tally): boolean {
  return tally.hosts.length === tally.count;
}

/** A host that is named counts once. */
export function tallied(tally: Tally, host: string): Tally {
  if (tally.hosts.includes(host)) return tally;
  const hosts = tally.hosts.length < namedHosts ? [...tally.hosts, host] : tally.hosts;
  return { count: tally.count + 1, hosts };
}

export function untallied(tally: Tally, host: string): Tally {
  const named = tally.hosts.includes(host);
  if (!named && namesAll(tally)) return tally;
  return { count: tally.count - 1, hosts: tally.hosts.filter((one) => one !== host) };
}

/** As much of a reason as a record keeps. */
export function shortReason(reason: string): string {
  return [...reason].slice(0, reasonLength).join("");
}
