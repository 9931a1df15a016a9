import { asFailure, type FailureNote, failure } from "../../domain/failures/failure.ts";
import type { Release } from "../../domain/release.ts";
import type { Evidence } from "../evidence.ts";
import { type Learned, type Step, suspended } from "../machine.ts";
import { rollbackTarget } from "../next-move.ts";
import type { UpdatePorts } from "../ports.ts";
import type { UpdateRecord } from "../record.ts";
import { runHooks } from "../run-hooks.ts";
import { watchHealth } from "../watch-health.ts";
import { noted } from "./switching.ts";

/** Takes the bad release down. Whatever these hooks say, the way back goes on: the bad release must not stay. */
export function runningRollbackBeforeHooks(
  ports: UpdatePorts,
  evidence: Evidence,
): Step<"running-rollback-before-hooks"> {
  return async (update, signal) => {
    const result = await runHooks({ stage: "before", onFailure: "go-on" }, update, ports, evidence, signal);
    return result === suspended ? suspended : { outcome: "done" };
  };
}

/** Puts the previous release back; where there was none, the destination becomes as empty as it was. */
export function switchingBack(ports: UpdatePorts, evidence: Evidence): Step<"switching-back"> {
  return async (update) => {
    try {
      if (update.previous === undefined) {
        await ports.releases.withdraw();
        return { outcome: "withdrawn", learned: { outcome: "withdrawn" } };
      }
      const previous = await stillThere(ports, update.previous, update);
      await ports.releases.switchTo(previous.id);
      return { outcome: "switched", learned: { previous } };
    } catch (thrown) {
      return { outcome: "failed", learned: broken(update, noted(thrown, update, evidence)) };
    }
  };
}

/** Starts the previous release. */
export function runningRollbackAfterHooks(
  ports: UpdatePorts,
  evidence: Evidence,
): Step<"running-rollback-after-hooks"> {
  return async (update, signal) => {
    const result = await runHooks({ stage: "after", onFailure: "stop" }, update, ports, evidence, signal);
    if (result === suspended) return suspended;
    if (result.outcome === "done") return { outcome: "done" };
    return { outcome: "failed", learned: broken(update, result.failure) };
  };
}

/** Looks whether the previous release is healthy; it proved good long ago, so it need not bake. */
export function checkingRollback(ports: UpdatePorts, evidence: Evidence): Step<"checking-rollback"> {
  return async (update, signal) => {
    const result = await watchHealth(update, { bake: 0 }, ports, evidence, signal);
    if (result === suspended) return suspended;
    if (result.healthy) return { outcome: "healthy", learned: { outcome: "rolled-back" } };
    return { outcome: "unhealthy", learned: broken(update, result.failure) };
  };
}

/** Somebody may have removed the previous release by hand: then the last good one serves. */
async function stillThere(
  { releases, journal }: UpdatePorts,
  previous: Release,
  update: UpdateRecord,
): Promise<Release> {
  if (await releases.has(previous.id)) return previous;
  const others = (await releases.list()).filter(({ id }) => id !== update.target?.id);
  const instead = rollbackTarget(journal.service(update.service), others);
  if (instead) return instead;
  throw failure("release-missing", { id: previous.id, releases: releases.place.releases });
}

function broken({ service, failure: first }: UpdateRecord, met: FailureNote | undefined): Learned {
  const problem = met?.sentence ?? asFailure("a hook failed.").message;
  const note = failure("rollback-overtaken", { service, problem, first: first?.sentence ?? "it is not known." }).note;
  return { outcome: "broken", failure: note };
}
