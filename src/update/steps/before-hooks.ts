import type { Evidence } from "../evidence.ts";
import { type Step, suspended } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import { runHooks } from "../run-hooks.ts";

/** Takes the service down, as its operator says. The first hook that refuses ends the attempt. */
export function runningBeforeHooks(ports: UpdatePorts, evidence: Evidence): Step<"running-before-hooks"> {
  return async (update, signal) => {
    const result = await runHooks({ stage: "before", onFailure: "stop" }, update, ports, evidence, signal);
    if (result === suspended) return suspended;
    if (result.outcome === "done") return { outcome: "done" };
    const { failure } = result;
    if (result.outcome === "failed") return { outcome: "refused", learned: { failure, blame: "host" } };
    const learned = { outcome: "postponed", failure } as const;
    // After a crash or a cut an earlier start may have come further than this one.
    const untouched = !result.touched && update.starts === 1 && update.cut !== true;
    return untouched
      ? { outcome: "not-now", learned: { ...learned, downSince: undefined } }
      : { outcome: "refused", learned };
  };
}
