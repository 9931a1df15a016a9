import type { Marker, Release } from "../domain/release.ts";
import { backgroundWork } from "./background.ts";
import { evidenceFor } from "./evidence.ts";
import { updateLimits } from "./limits.ts";
import { type Machine, resume, run } from "./machine.ts";
import type { ServicePorts } from "./ports.ts";
import type { UpdateRecord } from "./record.ts";
import { attempting, type ServiceState } from "./service-state.ts";
import { allSteps } from "./steps/all-steps.ts";

/** What is to be done for a service. */
export type UpdateOrder =
  | { readonly intent: "update"; readonly marker: Marker }
  /** `leaves`: the operator goes back by hand, and what ran is not to be taken up again by itself. */
  | { readonly intent: "activate"; readonly target: Release; readonly leaves?: boolean };

/**
 * Carries out one update from its order to its end. What it resolves to is "idle" and has an outcome; or it is not, for
 * `stop` aborted, and the next agent goes on with it. Rejects only when the journal cannot be written at the very start
 * or when the agent stops while it waits for its journal.
 */
export async function performUpdate(ports: ServicePorts, order: UpdateOrder, stop: AbortSignal): Promise<UpdateRecord> {
  const before = ports.journal.service(ports.service.name);
  const state = counted(before, order);
  const record = newRecord(order, state, ports);
  ports.journal.write(record, state);
  return withMachine(ports, stop, (machine) => run(record, machine));
}

/** Goes on with an update that was found in the journal when the agent started. */
export async function resumeUpdate(ports: ServicePorts, found: UpdateRecord, stop: AbortSignal): Promise<UpdateRecord> {
  return withMachine(ports, stop, async (machine) => run(await resume(found, machine), machine));
}

async function withMachine(
  ports: ServicePorts,
  stop: AbortSignal,
  go: (machine: Machine) => Promise<UpdateRecord>,
): Promise<UpdateRecord> {
  const { service, clock, random, logger, notify, journal } = ports;
  const background = backgroundWork(clock, logger);
  using limits = updateLimits(service, clock, stop);
  const evidence = evidenceFor({ service: service.name, clock, logger, notify });
  const steps = allSteps({ ...ports, background }, evidence);
  try {
    return await go({ steps, journal, evidence, limits, clock, random, logger, notify });
  } finally {
    await background.settle(lastMoment);
  }
}

/** For announcements that are under way when the agent stops. */
const lastMoment = 2000;

function counted(state: ServiceState, order: UpdateOrder): ServiceState {
  return order.intent === "update"
    ? attempting(state, order.marker, undefined)
    : attempting(state, order.target.marker, order.target.digest);
}

function newRecord(order: UpdateOrder, state: ServiceState, { random, clock }: ServicePorts): UpdateRecord {
  const common = {
    format: 1,
    id: random.name(),
    service: state.service,
    starts: 1,
    attempt: state.tried?.times ?? 1,
    startedAt: clock.wall(),
    evidence: [],
    ...(state.current && { previous: state.current }),
  } as const;
  if (order.intent === "update") return { ...common, intent: "update", state: "fetching", marker: order.marker };
  const leaves = order.leaves ? { leaves: true } : {};
  return { ...common, ...leaves, intent: "activate", state: "confirming", target: order.target };
}
