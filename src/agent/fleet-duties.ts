import type { Milliseconds } from "../domain/duration.ts";
import { asFailure, failure } from "../domain/failures/failure.ts";
import type { RolloutRecord } from "../domain/rollout/record.ts";
import { isDenied, slotOf } from "../domain/rollout/standing.ts";
import type { Coordinator, SlotReport } from "../rollout/coordinator.ts";
import { rollbackTarget } from "../update/next-move.ts";
import { orAborted } from "../update/or-aborted.ts";
import type { UpdateOrder } from "../update/perform-update.ts";
import type { ServicePorts } from "../update/ports.ts";
import { delivered, judgedBy, rolloutOf, withFloor } from "../update/rollout-state.ts";
import type { ServiceState } from "../update/service-state.ts";
import { slotOutcome } from "../update/slot-report.ts";
import { goesBackFrom } from "../update/still-wanted.ts";
import type { Journal } from "./journal/journal.ts";

/** The record is looked at so often without a reason. */
const lookEvery: Milliseconds = 5 * 60_000;
/** For one question: the service's loop waits for it. */
const patience: Milliseconds = 20_000;
const proofPatience: Milliseconds = 70_000;

/** What a service does for its fleet between its updates. */
export interface FleetDuties {
  /**
   * Before anything new is looked for: proves the store, reports what is owed, and looks at the record where that is due.
   * Rejects when no update may begin. The caller holds the turn.
   */
  attend(signal: AbortSignal): Promise<void>;
  /** The way back from a release that its fleet refuses, where the rollout goes back; as of the last look. */
  wayBack(): Promise<UpdateOrder | undefined>;
}

export interface DutyPorts {
  readonly parts: ServicePorts;
  readonly coordinator: Coordinator;
  readonly journal: Journal;
  /** The fleet does not know yet what runs here. */
  readonly onUnknown: () => void;
}

/** The duties of one service, as long as its declaration stays what it is. */
export function fleetDuties(ports: DutyPorts): FleetDuties {
  const { parts, coordinator, journal } = ports;
  const { service, clock } = parts;
  const state = () => journal.service(service.name);
  let proven = false;
  let lookedAt: Milliseconds | undefined;
  let seen: RolloutRecord | undefined;
  let trouble: string | undefined;

  const isDue = () => {
    if (lookedAt === undefined || clock.monotonic() - lookedAt >= lookEvery) return true;
    // What went bad here may be tried again as soon as an operator says so; what the fleet left, this host leaves too.
    return service.rollout?.onHalt === "revert" || state().denied.length > 0;
  };
  const look = async (signal: AbortSignal) => {
    const asked = clock.monotonic();
    try {
      seen = await inTime(ports, signal, patience, (limit) => coordinator.look(limit));
      trouble = undefined;
    } catch (thrown) {
      signal.throwIfAborted();
      // An update will say so by its wait; without one, nothing is amiss here.
      const met = asFailure(thrown);
      if (met.code !== trouble) {
        const level = met.passing ? "warn" : "error";
        const { code, message: problem, remedy } = met;
        parts.logger.log(level, "the rollout record could not be looked at", { code, problem, remedy });
      }
      trouble = met.code;
      return;
    }
    lookedAt = asked;
    if (seen !== undefined) await heed(ports, seen, signal);
  };
  return {
    async attend(signal) {
      if (!proven) await inTime(ports, signal, proofPatience, (limit) => coordinator.ready(limit));
      proven = true;
      for (const report of rolloutOf(state()).owed) await settle(ports, report, signal);
      if (isDue()) await look(signal);
    },
    async wayBack() {
      if (seen === undefined) return undefined;
      return wayBackFrom(state(), seen, await parts.releases.list());
    },
  };
}

/** Takes from the record what concerns this host. */
async function heed(ports: DutyPorts, record: RolloutRecord, signal: AbortSignal): Promise<void> {
  const { parts, coordinator, journal, onUnknown } = ports;
  const { name } = parts.service;
  const before = journal.service(name);
  const after = judgedBy(withFloor(before, record.seq), record.retries);
  if (after !== before) journal.remember(after);
  const left = leftSlot(ports, record);
  if (left) await settle(ports, left, signal);
  const runs = after.current?.digest;
  if (runs !== undefined && record.release?.digest === runs && !record.ok.hosts.includes(coordinator.host)) onUnknown();
}

/** A slot that an ended attempt of this host still holds: its report never came, or a write of it came late. */
function leftSlot({ parts, coordinator, journal }: DutyPorts, record: RolloutRecord): SlotReport | undefined {
  const { name } = parts.service;
  const slot = slotOf(record, coordinator.host);
  // A broken one stays until somebody looked.
  if (slot === undefined || slot.state === "broken") return undefined;
  if (journal.unfinished().some(({ id }) => id === slot.attempt)) return undefined;
  const ended = journal.attempt(name, slot.attempt);
  if (ended === undefined) return undefined;
  const { attempt, digest } = slot;
  const reason = ended.failure?.sentence ?? ended.outcome;
  return { attempt, digest, outcome: slotOutcome(ended), reason, retract: false };
}

async function settle(ports: DutyPorts, report: SlotReport, signal: AbortSignal): Promise<void> {
  const { parts, coordinator, journal } = ports;
  const { name } = parts.service;
  const answer = await inTime(ports, signal, patience, (limit) => coordinator.finish(report, limit));
  if (answer.outcome === "later") {
    // What no time mends is said itself: somebody has to look.
    throw answer.problem.passing
      ? failure("outcome-owed", { service: name, place: coordinator.place })
      : answer.problem;
  }
  journal.remember(delivered(journal.service(name), report.attempt, answer.seq));
  const { attempt, outcome } = report;
  parts.logger.log("info", "the outcome of an earlier update was reported to its fleet", { attempt, outcome });
}

async function inTime<Answer>(
  { parts: { clock, service }, coordinator: { place } }: DutyPorts,
  signal: AbortSignal,
  duration: Milliseconds,
  ask: (limit: AbortSignal) => Promise<Answer>,
): Promise<Answer> {
  const late = () =>
    failure("rollout-store-unanswered", {
      place,
      doing: `serve service "${service.name}"`,
      problem: `no answer within ${duration / 1000} s`,
    });
  using limit = clock.deadline(duration, late, signal);
  return await orAborted(ask(limit.signal), limit.signal);
}

/** An operator's word on this host goes ahead of the fleet's. */
function wayBackFrom(
  state: ServiceState,
  record: RolloutRecord,
  onDisk: Parameters<typeof rollbackTarget>[1],
): UpdateOrder | undefined {
  if (state.pinned !== undefined || state.paused || state.broken) return undefined;
  if (!goesBackFrom(record, state.current?.digest)) return undefined;
  const target = rollbackTarget(
    state,
    onDisk.filter(({ digest }) => !isDenied(record, digest)),
  );
  return target && { intent: "activate", target, slot: "revert" };
}
