import type { Milliseconds } from "../domain/duration.ts";
import { failure } from "../domain/failures/failure.ts";
import { sameMarker } from "../domain/release.ts";
import type { RolloutRecord } from "../domain/rollout/record.ts";
import { orAborted } from "./or-aborted.ts";
import type { ServicePorts } from "./ports.ts";
import type { UpdateRecord } from "./record.ts";

/** A question that had no answer by then is a failed one. */
const patience: Milliseconds = 60_000;

/** Whether what an update set out to do is still to be done. Rejects when that cannot be found out. */
export async function stillWanted(ports: ServicePorts, update: UpdateRecord, parent: AbortSignal): Promise<boolean> {
  const { clock, service, coordinator } = ports;
  if (update.intent === "activate" && update.slot === undefined) return true;
  const late = () => failure("check-overdue", { service: service.name, after: patience / 1000 });
  using limit = clock.deadline(patience, late, parent);
  if (update.slot === "revert" && coordinator !== undefined) {
    const record = await orAborted(coordinator.look(limit.signal), limit.signal);
    if (!goesBackFrom(record, update.previous?.digest)) return false;
  }
  return await onOffer(ports, update, limit.signal);
}

/** What runs is to make way for an upload; what goes back, for anything newer than what it goes back from. */
async function onOffer({ repository, journal, service }: ServicePorts, update: UpdateRecord, signal: AbortSignal) {
  const known = update.intent === "update" ? update.marker : journal.service(service.name).seen?.marker;
  if (known === undefined) return true;
  const answer = await orAborted(repository.check(known, signal), signal);
  return answer.outcome === "unchanged" || sameMarker(answer.marker, known);
}

/** Whether the hosts of a rollout are to go back from this content: it was halted, and its plan says so. */
export function goesBackFrom(record: RolloutRecord | undefined, digest: string | undefined): boolean {
  if (record === undefined || digest === undefined || record.phase !== "halted") return false;
  if (record.plan.onHalt !== "revert" || record.release?.digest !== digest) return false;
  return record.denied.some((denied) => denied.digest === digest);
}
