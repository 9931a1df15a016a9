import type { UpdateRecord } from "../../update/record.ts";
import type { Attempt } from "../operations.ts";

/** What the history keeps of an update that ended. */
export function attemptOf(update: UpdateRecord): Attempt {
  const { id, service, startedAt, intent, attempt, target, previous, failure, downSince, settledAt } = update;
  const { waitsSince, heldSince, endedAt } = update;
  return {
    id,
    service,
    startedAt,
    endedAt: update.endedAt ?? startedAt,
    outcome: update.outcome ?? "aborted",
    intent,
    attempt,
    ...(target && { target }),
    ...(previous && { previous }),
    ...(failure && { failure }),
    ...(downSince !== undefined && settledAt !== undefined && { downtime: Math.max(0, settledAt - downSince) }),
    ...(heldSince !== undefined && { held: Math.max(0, (settledAt ?? endedAt ?? heldSince) - heldSince) }),
    ...(waitsSince !== undefined && heldSince === undefined && { waited: true }),
  };
}

/** Whether it says no more than that the service waited: of such attempts in a row the last one tells it all. */
export function onlyWaited({ waited, outcome }: Attempt): boolean {
  return waited === true && (outcome === "superseded" || outcome === "postponed");
}

/** Whether what was observed is worth keeping after the next attempt. */
export function failedAttempt({ outcome }: Attempt): boolean {
  return outcome === "aborted" || outcome === "rolled-back" || outcome === "withdrawn" || outcome === "broken";
}
