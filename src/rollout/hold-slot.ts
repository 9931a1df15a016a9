import type { Milliseconds } from "../domain/duration.ts";
import { asFailure, failure } from "../domain/failures/failure.ts";
import type { Refusal } from "../domain/rollout/events.ts";
import type { RolloutRecord } from "../domain/rollout/record.ts";
import type { HostReport } from "../domain/rollout/report.ts";
import { next } from "../domain/rollout/rules.ts";
import { slotOf } from "../domain/rollout/standing.ts";
import { waitingFor } from "../domain/rollout/waiting.ts";
import { standingAt } from "../domain/rollout/windows.ts";
import { changeRecord } from "./change-record.ts";
import type { Fenced, Finished, SlotReport } from "./coordinator.ts";
import { type Fleet, isWaitedOut } from "./fleet.ts";

/** In all, retries included: the service is down meanwhile. */
const fenceDeadline: Milliseconds = 30_000;
const finishDeadline: Milliseconds = 60_000;

/** The last word before the switch. Anything but the store's "yes" is a refusal: nothing is thrown. */
export async function fenceSlot(
  fleet: Fleet,
  { attempt, digest }: { readonly attempt: string; readonly digest: string },
  signal: AbortSignal,
): Promise<Fenced> {
  const { reader, host, service } = fleet;
  const refuse = (reason: string): Fenced => ({
    outcome: "refused",
    failure: failure("fence-refused", { service, reason }).note,
  });
  using limit = reader.clock.deadline(fenceDeadline, late(fleet, "let this host switch", fenceDeadline), signal);
  try {
    const overran = await overranWindow(fleet, attempt, limit.signal);
    if (overran !== undefined) return refuse(overran);
    const event = { type: "fence", host, attempt, digest } as const;
    const changed = await changeRecord(reader, { event, by: host, patience: fenceDeadline }, limit.signal);
    if (changed.outcome === "written") return { outcome: "fenced", seq: changed.record.seq };
    const why = changed.outcome === "refused" ? changed.why : "no-slot";
    return refuse(refusalOf(fleet, digest, why, changed.record));
  } catch (thrown) {
    return refuse(asFailure(thrown).message);
  }
}

/** Why the slot's window forbids the switch: it has closed since, and gives up what has not switched by then. */
async function overranWindow(fleet: Fleet, attempt: string, signal: AbortSignal): Promise<string | undefined> {
  const { reader, host, declaration } = fleet;
  const now = reader.clock.wall();
  if (standingAt(declaration.windows, now).open) return undefined;
  const { record } = reader.last() ?? (await reader.read(signal));
  const slot = record && slotOf(record, host);
  if (slot?.attempt !== attempt || slot.purpose === "revert") return undefined;
  const begun = standingAt(declaration.windows, slot.since);
  const stops = begun.open && begun.overrun === "stop" && begun.closesAt !== undefined && begun.closesAt <= now;
  return stops ? "the window in which it began has closed, and its overrun rule is to stop." : undefined;
}

function refusalOf(fleet: Fleet, digest: string, why: Refusal, record: RolloutRecord | undefined): string {
  const { service, host, reader } = fleet;
  if (record !== undefined && isWaitedOut(why)) {
    return waitingFor(why, { service, host, digest, record, now: reader.clock.wall() }).sentence;
  }
  if (why === "other-release") return "it is at another release now.";
  return "this update holds no slot any more.";
}

/** Gives the slot back; "later" when the store did not take it within the deadline. */
export async function finishSlot(fleet: Fleet, report: SlotReport, signal: AbortSignal): Promise<Finished> {
  const { reader, host, logger } = fleet;
  using limit = reader.clock.deadline(finishDeadline, late(fleet, "take an outcome", finishDeadline), signal);
  try {
    const event = { type: "finish", host, ...report } as const;
    const changed = await changeRecord(reader, { event, by: host, patience: finishDeadline }, limit.signal);
    return { outcome: "reported", seq: changed.record?.seq ?? reader.floor() };
  } catch (thrown) {
    const { attempt, outcome } = report;
    const problem = asFailure(thrown);
    logger.log("warn", "The outcome of an update is still to be reported.", {
      attempt,
      outcome,
      problem: problem.message,
    });
    return { outcome: "later", problem };
  }
}

/**
 * A host that has the release without having taken a slot for it counts as well: judged by what was last seen of the record,
 * so that it costs nothing when there is nothing to say.
 */
export async function tellPresent(fleet: Fleet, report: HostReport, signal: AbortSignal): Promise<void> {
  const { reader, host } = fleet;
  const record = reader.last()?.record;
  const digest = report.running?.digest;
  if (record === undefined || digest === undefined || report.unproven || report.state !== "idle") return;
  const event = { type: "present", host, digest } as const;
  if (next(record, event, { host, operation: "", at: reader.clock.wall() }).verdict !== "write") return;
  await changeRecord(reader, { event, by: host, patience: 0 }, signal);
}

function late({ reader }: Fleet, doing: string, after: Milliseconds) {
  return () =>
    failure("rollout-store-unanswered", {
      place: reader.store.place,
      doing,
      problem: `no answer within ${after / 1000} s`,
    });
}
