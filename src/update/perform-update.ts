import type { Marker, Release } from "../domain/release.ts";
import { backgroundWork } from "./background.ts";
import { evidenceFor } from "./evidence.ts";
import { updateLimits } from "./limits.ts";
import { type Machine, resume, run } from "./machine.ts";
import type { ServicePorts } from "./ports.ts";
import type { UpdateRecord } from "./record.ts";
import { attempting, type ServiceState } from "./service-state.ts";
import { slotKeeper } from "./slot-keeper.ts";
import { untouched, workflow } from "./states.ts";
import { allSteps } from "./steps/all-steps.ts";

/** What is to be done for a service. */
export type UpdateOrder =
  | { readonly intent: "update"; readonly marker: Marker }
  /**
   * `leaves`: the operator goes back by hand, and what ran is not to be taken up again by itself. `slot`: the rollout goes
   * back, and its hosts take turns; an operator's order takes no slot.
   */
  | { readonly intent: "activate"; readonly target: Release; readonly leaves?: boolean; readonly slot?: "revert" };

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
  return withMachine(ports, record, stop, (machine) => run(record, machine));
}

/** Goes on with an update that was found in the journal when the agent started. */
export async function resumeUpdate(ports: ServicePorts, found: UpdateRecord, stop: AbortSignal): Promise<UpdateRecord> {
  const update = joined(found, ports);
  return withMachine(ports, update, stop, async (machine) => run(await resume(update, machine), machine));
}

/** Hosts are coordinated since this update began: it takes a slot too, as long as it has touched nothing. */
function joined(found: UpdateRecord, { coordinator }: ServicePorts): UpdateRecord {
  const { state, slot, intent } = found;
  if (coordinator === undefined || slot !== undefined || intent !== "update") return found;
  if (state === "idle" || !untouched(workflow[state].part)) return found;
  return { ...found, slot: "update", state: state === "confirming" ? "acquiring" : state };
}

async function withMachine(
  ports: ServicePorts,
  update: UpdateRecord,
  stop: AbortSignal,
  go: (machine: Machine) => Promise<UpdateRecord>,
): Promise<UpdateRecord> {
  const { service, clock, random, logger, notify, journal } = ports;
  const background = backgroundWork(clock, logger);
  const waits = ports.coordinator !== undefined && update.slot !== undefined;
  using limits = updateLimits(service, clock, stop, { waits });
  using slot = slotKeeper(ports);
  if (waits && update.heldSince !== undefined && update.reported !== true) slot.beat(update);
  const evidence = evidenceFor({ service: service.name, clock, logger, notify });
  const steps = allSteps({ ...ports, background, slot }, evidence);
  try {
    const cutByHost = () => hostsEnd(ports, stop);
    return await go({ steps, journal, evidence, limits, clock, random, logger, notify, cutByHost });
  } finally {
    await background.settle(lastMoment);
  }
}

/** The agent is told to stop at the same time as all else; so long is waited for that. */
const stopComes = 60_000;

/** Whether the host is shutting down; then only when the agent is to stop, too. */
async function hostsEnd({ hostLeaves, clock, logger }: ServicePorts, stop: AbortSignal): Promise<boolean> {
  if (!(await hostLeaves?.())) return false;
  logger.log("info", "the host shuts down: what failed is judged when it is up again");
  await clock.sleep(stopComes, stop).catch(() => undefined);
  return true;
}

/** For announcements that are under way when the agent stops. */
const lastMoment = 2000;

function counted(state: ServiceState, order: UpdateOrder): ServiceState {
  return order.intent === "update"
    ? attempting(state, order.marker, undefined)
    : attempting(state, order.target.marker, order.target.digest);
}

function newRecord(
  order: UpdateOrder,
  state: ServiceState,
  { random, clock, coordinator }: ServicePorts,
): UpdateRecord {
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
  if (order.intent === "update") {
    const slot = coordinator ? ({ slot: "update" } as const) : {};
    return { ...common, ...slot, intent: "update", state: "fetching", marker: order.marker };
  }
  const { target, leaves, slot } = order;
  const asks = slot ? { slot, waitsSince: common.startedAt } : {};
  return { ...common, ...(leaves && { leaves }), ...asks, intent: "activate", state: "acquiring", target };
}
