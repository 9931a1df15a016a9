import { type FailureNote, failure } from "../../domain/failures/failure.ts";
import type { Evidence } from "../evidence.ts";
import { type Learned, type Step, suspended } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import type { UpdateRecord } from "../record.ts";
import { runHooks } from "../run-hooks.ts";
import { watchHealth } from "../watch-health.ts";

/** Nothing was switched, but the before hooks may have stopped the service: the after hooks start it again. Where nothing stands there is none. */
export function restoring(ports: UpdatePorts, evidence: Evidence): Step<"restoring"> {
  return async (update, signal) => {
    const standing = await ports.releases.standing().catch(() => undefined);
    if (standing?.kind === "nothing") {
      return isPostponed(update) ? { outcome: "not-now" } : { outcome: "untouched", learned: { outcome: "aborted" } };
    }
    const result = await runHooks({ stage: "after", onFailure: "stop" }, update, ports, evidence, signal);
    if (result === suspended) return suspended;
    return result.outcome === "done"
      ? { outcome: "restarted" }
      : { outcome: "failed", learned: broken(update, result.failure) };
  };
}

/** Looks whether the service is as well as before: until then it is down, and others must not be. It proved good long ago, so it need not bake. */
export function checkingRestored(ports: UpdatePorts, evidence: Evidence): Step<"checking-restored"> {
  return async (update, signal) => {
    const result = await watchHealth(update, { bake: 0 }, ports, evidence, signal);
    if (result === suspended) return suspended;
    if (!result.healthy) return { outcome: "unhealthy", learned: broken(update, result.failure) };
    return isPostponed(update) ? { outcome: "not-now" } : { outcome: "healthy", learned: { outcome: "aborted" } };
  };
}

function isPostponed({ outcome }: UpdateRecord): boolean {
  return outcome === "postponed";
}

function broken(update: UpdateRecord, met: FailureNote | undefined): Learned {
  return { outcome: "broken", failure: bothReasons(update, met), blame: "host" };
}

function bothReasons({ service, failure: first }: UpdateRecord, met: FailureNote | undefined): FailureNote {
  const problem = met?.sentence ?? "a hook failed.";
  return failure("restore-failed", { service, problem, first: first?.sentence ?? "it is not known." }).note;
}
