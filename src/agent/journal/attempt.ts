import type { UpdateRecord } from "../../update/record.ts";
import type { Attempt } from "../operations.ts";

/** What the history keeps of an update that ended. */
export function attemptOf(update: UpdateRecord): Attempt {
  const { id, service, startedAt, intent, attempt, target, previous, failure, downSince, settledAt } = update;
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
  };
}

/** Whether what was observed is worth keeping after the next attempt. */
export function failedAttempt({ outcome }: Attempt): boolean {
  return outcome === "aborted" || outcome === "rolled-back" || outcome === "withdrawn" || outcome === "broken";
}
