import { type HookFacts, hookEnvironment, templateData } from "../domain/hook-environment.ts";
import type { HookStage } from "../domain/service.ts";
import type { HookContext } from "../drivers/hooks/hook.ts";
import type { ProbeContext } from "../drivers/probes/probe.ts";
import type { UpdatePorts } from "./ports.ts";
import type { UpdateRecord } from "./record.ts";
import { type ActiveState, workflow } from "./states.ts";

/** What the hooks of a stage are told at this point of the update. */
export function hookFacts(stage: HookStage, update: UpdateRecord, ports: UpdatePorts): Omit<HookContext, "signal"> {
  const facts = factsOf(stage, update, ports);
  return {
    stage,
    data: templateData(facts),
    environment: hookEnvironment(facts),
    directory: ports.service.artifact.destination,
  };
}

/** What a probe is told. */
export function probeFacts(update: UpdateRecord, ports: UpdatePorts): Pick<ProbeContext, "environment" | "directory"> {
  return {
    environment: hookEnvironment(factsOf("health", update, ports)),
    directory: ports.service.artifact.destination,
  };
}

function factsOf(stage: HookFacts["stage"], update: UpdateRecord, { service, hostname }: UpdatePorts): HookFacts {
  const { id, attempt, outcome, failure } = update;
  return { service, hostname, stage, update: id, attempt, outcome, failure, ...direction(update) };
}

/** In a rollback it is the previous release that is to run when all is over. */
function direction({ state, target, previous }: UpdateRecord): Pick<HookFacts, "release" | "previous" | "rollback"> {
  const { part } = workflow[state as ActiveState];
  if (part !== "undoing") return { release: target, previous, rollback: false };
  const switched = state !== "restoring" && state !== "checking-restored";
  return { release: previous, previous: switched ? target : previous, rollback: true };
}
