import type { SlotOutcome } from "../domain/rollout/events.ts";
import type { SlotReport } from "../rollout/coordinator.ts";
import type { UpdateRecord } from "./record.ts";

/** What the fleet is to hear of an update that ended; undefined when it never asked for a slot. */
export function slotReportOf(update: UpdateRecord): SlotReport | undefined {
  const { id, slot, waitsSince, heldSince, target, failure, outcome } = update;
  if (slot === undefined || waitsSince === undefined || target === undefined) return undefined;
  return {
    attempt: id,
    digest: target.digest,
    outcome: slotOutcome(update),
    reason: failure?.sentence ?? outcome ?? "",
    // It gave up asking, or crashed as it asked: what it asked for may still come true.
    retract: heldSince === undefined,
  };
}

/** Whether and whom an outcome speaks against, in the words of the record. */
export function slotOutcome({ outcome, blame }: Pick<UpdateRecord, "outcome" | "blame">): SlotOutcome {
  switch (outcome) {
    case "updated":
      return "ok";
    case "rolled-back":
    case "withdrawn":
      return "failed";
    case "broken":
      return "broken";
    case "aborted":
      return blame === "host" ? "aborted" : "released";
    default:
      return "released";
  }
}
