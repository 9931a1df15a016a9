import { type HookFacts, hookEnvironment } from "../domain/hook-environment.ts";
import type { HookStage } from "../domain/service.ts";
import { templateData } from "../domain/template-data.ts";
import type { HookContext } from "../drivers/hooks/hook.ts";
import type { ProbeContext } from "../drivers/probes/probe.ts";
import type { UpdatePorts } from "./ports.ts";
import type { UpdateRecord } from "./record.ts";
import { type ActiveState, workflow } from "./states.ts";

/** What the hooks of a stage are told at this point of the update. */
export function hookFacts(stage: HookStage, update: UpdateRecord, ports: UpdatePorts): Omit<HookContext, "signal"> {
  const { service, hostname } = ports;
  const facts = { ...factsOf(update, ports), stage };
  return {
    stage,
    data: templateData(facts, service, hostname),
    environment: hookEnvironment(facts),
    directory: service.artifact.destination,
  };
}

/** What a probe is told. */
export function probeFacts(update: UpdateRecord, ports: UpdatePorts): Pick<ProbeContext, "environment" | "directory"> {
  return {
    environment: hookEnvironment(factsOf(update, ports)),
    directory: ports.service.artifact.destination,
  };
}

function factsOf(update: UpdateRecord, { service }: UpdatePorts): HookFacts {
  const { outcome, failure } = update;
  const { release, previous, rollback } = direction(update);
  return {
    service: service.name,
    destination: service.artifact.destination,
    rollback,
    attempt: update.attempt,
    update: update.id,
    ...(release && { release }),
    ...(previous && { previous }),
    ...(outcome && { outcome }),
    ...(failure && { error: failure.sentence }),
  };
}

/** In a rollback it is the previous release that is to run when all is over. */
function direction({ state, target, previous }: UpdateRecord) {
  const { part } = workflow[state as ActiveState];
  if (part !== "undoing") return { release: target, previous, rollback: false };
  return { release: previous, previous: state === "restoring" ? previous : target, rollback: true };
}
