import type { RolloutEvent } from "../../../src/domain/rollout/events.ts";
import type { RolloutRecord } from "../../../src/domain/rollout/record.ts";
import type { Books } from "./books.ts";
import { holds } from "./finish-books.ts";

/** Throws when a rollout goes on, stops, or stays stopped without a reason that the books know. */
export function checkHalts(
  books: Books,
  old: RolloutRecord | undefined,
  record: RolloutRecord,
  event: RolloutEvent,
): void {
  const isHalted = record.phase === "halted";
  const harm = books.live.length + books.lost.length;
  const harmed = harm > record.plan.failureBudget;
  const gaveUp = books.aborted.length > record.plan.abortBudget;
  if (harmed && !isHalted) throw new Error("S2: not halted, though more failed or are lost than may");
  if (gaveUp && !isHalted) throw new Error("S2: not halted, though more gave up than may");
  if (books.paused && !isHalted && record.phase !== "paused") throw new Error("a pause was forgotten");
  if (record.phase === "paused" && !books.paused) throw new Error("paused, and nobody said so");
  if (isHalted && old?.phase !== "halted") checkCause(record, event, { harmed, gaveUp });
  if (old?.phase === "halted" && !isHalted && event.type === "finish") {
    if (old.halt?.why !== "lost" || harmed) throw new Error("a halt ended by itself");
  }
  if (isHalted && record.halt?.why === "lost" && !harmed && old !== undefined && isBack(old, event))
    throw new Error("halted for lost hosts, though they are back");
}

function checkCause(
  { halt }: RolloutRecord,
  event: RolloutEvent,
  { harmed, gaveUp }: { readonly harmed: boolean; readonly gaveUp: boolean },
): void {
  const causes: Readonly<Record<string, boolean>> = {
    lost: harmed && event.type === "lost",
    failures: harmed,
    broken: event.type === "finish" && event.outcome === "broken",
    aborts: gaveUp,
    operator: event.type === "halt",
  };
  if (halt === undefined || !causes[halt.why]) throw new Error(`halted for nothing (${halt?.why})`);
}

/** A host gave its slot back, and nothing that it says is against the release. */
function isBack(old: RolloutRecord, event: RolloutEvent): boolean {
  if (event.type !== "finish" || event.outcome === "failed" || event.outcome === "broken") return false;
  return holds(old, event);
}
