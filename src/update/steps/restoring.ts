import { type FailureNote, failure } from "../../domain/failures/failure.ts";
import type { Evidence } from "../evidence.ts";
import { type Step, suspended } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import type { UpdateRecord } from "../record.ts";
import { runHooks } from "../run-hooks.ts";

/** Nothing was switched, but the before hooks may have stopped the service: the after hooks start it again. */
export function restoring(ports: UpdatePorts, evidence: Evidence): Step<"restoring"> {
  return async (update, signal) => {
    const standing = await ports.releases.standing().catch(() => undefined);
    if (standing?.kind === "nothing") return restored(update);
    const result = await runHooks({ stage: "after", onFailure: "stop" }, update, ports, evidence, signal);
    if (result === suspended) return suspended;
    if (result.outcome === "done") return restored(update);
    return {
      outcome: "failed",
      learned: { outcome: "broken", failure: bothReasons(update, result.failure), blame: "host" },
    };
  };
}

function restored({ outcome }: UpdateRecord) {
  if (outcome === "postponed") return { outcome: "not-now" } as const;
  return { outcome: "restored", learned: { outcome: "aborted" } } as const;
}

function bothReasons({ service, failure: first }: UpdateRecord, met: FailureNote | undefined): FailureNote {
  const problem = met?.sentence ?? "a hook failed.";
  return failure("restore-failed", { service, problem, first: first?.sentence ?? "it is not known." }).note;
}
