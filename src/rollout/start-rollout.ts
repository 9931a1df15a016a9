import type { Refusal, RolloutEvent } from "../domain/rollout/events.ts";
import { countHosts, planOf } from "../domain/rollout/limit.ts";
import type { RolloutRecord, RolloutRelease } from "../domain/rollout/record.ts";
import { next } from "../domain/rollout/rules.ts";
import { isOpen, slotOf } from "../domain/rollout/standing.ts";
import { changeRecord } from "./change-record.ts";
import type { SlotRequest } from "./coordinator.ts";
import { type Fleet, type Look, notYet, refused } from "./fleet.ts";
import type { Follower } from "./follow.ts";
import type { SeenRecord } from "./record-reader.ts";
import { readReports, requireFirst } from "./reports.ts";

/**
 * Puts the wanted release on offer: one host of those that are near the beginning of the order reads the reports of all, for
 * the count of hosts. Undefined: it is on offer. Throws "record-vanished" where the fleet saw a record that is not there.
 */
export async function startRollout(
  fleet: Fleet,
  request: SlotRequest,
  follower: Follower,
  seen: SeenRecord,
  signal: AbortSignal,
): Promise<Look | undefined> {
  const { reader, space, host } = fleet;
  const { store, clock } = reader;
  const roughly = seen.record?.hosts ?? Math.max(1, (await store.list(space.reports, signal)).length);
  const trial = next(seen.record, startEvent(fleet, request, roughly), {
    host,
    operation: "",
    at: clock.wall(),
  });
  if (trial.verdict === "settled") return undefined;
  if (trial.verdict === "refused") {
    return refused(fleet, request, whyOf(trial.why, request, host, seen.record), seen.record, seen.version);
  }
  if (!follower.mayAsk(trial.record)) {
    return { waiting: notYet, why: "free", record: trial.record, version: seen.version };
  }
  const reports = await readReports(store, space, signal, reader);
  if (seen.record === undefined) requireFirst(store.place, reports);
  const event = startEvent(fleet, request, countHosts(reports, clock.wall()));
  const changed = await changeRecord(reader, { event, by: host, patience: 0 }, signal);
  if (changed.outcome !== "refused") return undefined;
  return refused(fleet, request, changed.why, changed.record, reader.last()?.version);
}

/** That the slot which is in the way is taken in this host's own name, by another machine or a state that is lost, tells more. */
function whyOf(why: Refusal, request: SlotRequest, host: string, record: RolloutRecord | undefined): Refusal {
  const own = record && slotOf(record, host);
  if (why !== "slots-open" || own === undefined || !isOpen(own)) return why;
  return own.attempt === request.attempt || request.ownEnded(own.attempt) ? why : "not-mine";
}

function startEvent({ declaration, reader }: Fleet, request: SlotRequest, hosts: number): RolloutEvent {
  const release = { ...releaseOf(request), since: reader.clock.wall() };
  const { trusts } = request;
  return { type: "start", release, plan: planOf(declaration, hosts), hosts, ...(trusts && { trusts }) };
}

function releaseOf({ digest, order, line, signedBy, version, artifact }: SlotRequest): RolloutRelease {
  return {
    digest,
    artifact,
    ...(order !== undefined && { order }),
    ...(line !== undefined && { line }),
    ...(signedBy !== undefined && { signedBy }),
    ...(version !== undefined && { version }),
  };
}
