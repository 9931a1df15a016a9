import { type HookFacts, hookEnvironment, templateData } from "../domain/hook-environment.ts";
import type { HookStage } from "../domain/service.ts";
import type { HookContext } from "../drivers/hooks/hook.ts";
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
export function probeFacts(update: UpdateRecord, ports: UpdatePorts) {
  return {
    environment: hookEnvironment(factsOf("health", update, ports)),
    directory: ports.service.artifact.destination,
  };
}

function factsOf(stage: HookFacts["stage"], update: UpdateRecord, { service, hostname }: UpdatePorts): HookFacts {
  const { target, previous, attempt, outcome, failure } = update;
  const common = { service, hostname, stage, attempt, outcome, failure };
  const undoing = workflow[update.state as ActiveState].part === "undoing";
  if (update.state === "restoring") return { ...common, release: previous, previous, rollback: true };
  if (undoing) return { ...common, release: previous, previous: target, rollback: true };
  return { ...common, release: target, previous, rollback: false };
}
