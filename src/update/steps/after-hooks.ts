import type { Evidence } from "../evidence.ts";
import { type Step, suspended } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import { runHooks } from "../run-hooks.ts";

/** Brings the service up with the new release. A hook that refuses here, for whatever reason, means going back. */
export function runningAfterHooks(ports: UpdatePorts, evidence: Evidence): Step<"running-after-hooks"> {
  return async (update, signal) => {
    const result = await runHooks({ stage: "after", onFailure: "stop" }, update, ports, evidence, signal);
    if (result === suspended) return suspended;
    if (result.outcome === "done") return { outcome: "done" };
    return { outcome: "failed", learned: { failure: result.failure, blame: "content" } };
  };
}
