import type { HookStage } from "../../domain/service.ts";
import type { Evidence } from "../evidence.ts";
import { suspended } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import type { UpdateRecord } from "../record.ts";
import { runHooks } from "../run-hooks.ts";

/** The hooks that tell how it ended: all of them run, and what they say changes nothing any more. */
export function runningReportHooks(
  stage: Extract<HookStage, "success" | "failure">,
  ports: UpdatePorts,
  evidence: Evidence,
) {
  return async (update: UpdateRecord, signal: AbortSignal) => {
    const result = await runHooks({ stage, onFailure: "go-on" }, update, ports, evidence, signal);
    return result === suspended ? suspended : ({ outcome: "done" } as const);
  };
}
