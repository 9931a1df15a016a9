import { asFailure, failure } from "../domain/failures/failure.ts";
import type { Configuration } from "../domain/service.ts";
import { forgiven, paused, resumed, unpinned, unproven } from "../update/service-state.ts";
import { acquaint, inTurn, type Look, type ManagedService, type ServiceContext } from "./managed-service.ts";
import type { ManagedServices } from "./managed-services.ts";
import type { Attempt, CheckReport, OnEvent, Operations } from "./operations.ts";
import { goBack, holdOn } from "./operations-activate.ts";
import { evidenceOf, releasesOf, statusOf } from "./operations-read.ts";
import { lookWell, orderOf, reportOf, updateAloud } from "./service-loop.ts";
import { createTurns } from "./turns.ts";

export interface OperationsContext extends ServiceContext {
  readonly services: ManagedServices;
  /** Reads the configuration again and takes it on; fails when it has errors. */
  readonly reload: () => Promise<Configuration>;
}

/** So many services are asked how they fare at a time: each may have a script to run. */
const looksAtOnce = 16;

/** The operations, carried out in this process. `who` asks, for the audit. */
export function localOperations(context: OperationsContext, who: string): Operations {
  const { services, journal } = context;
  const audited = auditor(context, who);
  const looking = createTurns(looksAtOnce);
  return {
    status: (name) =>
      Promise.all(
        services.some(name).map(async (service) => {
          using _turn = await looking.take(context.stop);
          return await statusOf(service, context, services.nextCheck(service.name));
        }),
      ),
    history: async (name, limit) => journal.history(services.one(name).name, limit),
    releases: async (name) => releasesOf(services.one(name)),
    evidence: async (name, attempt) => evidenceOf(services.one(name), attempt, journal),
    check: (name) => Promise.all(services.some(name).map((service) => check(service))),
    update: (name, onEvent) =>
      audited("update", name, undefined, () =>
        Promise.all(services.some(name).map((service) => update(service, context, onEvent))),
      ),
    rollback: (name, release, onEvent) =>
      audited("rollback", name, release, () => goBack(services.one(name), release, context, onEvent)),
    pin: (name, release, onEvent) =>
      audited("pin", name, release, () => holdOn(services.one(name), release, context, onEvent)),
    unpin: (name) =>
      audited("unpin", name, undefined, async () => journal.remember(unpinned(services.one(name).state()))),
    pause: (name) =>
      audited("pause", name, undefined, async () => {
        for (const service of services.some(name)) {
          journal.remember(paused(service.state()));
          // What has touched nothing yet does not begin; what is switching is ended.
          if (service.isPreparing()) service.makeWay();
        }
      }),
    resume: (name) =>
      audited("resume", name, undefined, async () => {
        for (const service of services.some(name)) journal.remember(resumed(service.state()));
      }),
    retry: (name, onEvent) =>
      audited("retry", name, undefined, async () => {
        const service = services.one(name);
        // What waits for its slot would keep the turn.
        if (service.isWaiting()) service.makeWay();
        await inTurn(service, onEvent, async () => journal.remember(forgiven(service.state())));
        const result = await update(service, context, onEvent);
        const attempted = "id" in result;
        return [attempted ? result : ((await prove(service, context, onEvent)) ?? result)];
      }),
    reload: () => audited("reload", undefined, undefined, context.reload),
  };
}

/** Keeps what was asked for and how it went. A journal that cannot be written fails the operation only if it needs it itself. */
function auditor({ journal, ports }: OperationsContext, who: string) {
  const keep = (entry: Parameters<typeof journal.audit>[0]) => {
    ports.logger.log("info", "an operator asked", {
      action: entry.action,
      service: entry.service,
      who,
      detail: entry.detail,
      code: entry.failure?.code,
      problem: entry.failure?.sentence,
    });
    try {
      journal.audit(entry);
    } catch (thrown) {
      ports.logger.log("warn", "the audit could not be written", { problem: asFailure(thrown).message });
    }
  };
  return async <Result>(
    action: string,
    service: string | undefined,
    detail: string | undefined,
    act: () => Promise<Result>,
  ): Promise<Result> => {
    const entry = { at: ports.clock.wall(), who, action, ...(service && { service }), ...(detail && { detail }) };
    try {
      const result = await act();
      keep(entry);
      return result;
    } catch (thrown) {
      keep({ ...entry, failure: asFailure(thrown).note });
      throw thrown;
    }
  };
}

async function check(service: ManagedService): Promise<CheckReport> {
  try {
    return reportOf(service, await service.look(false));
  } catch (thrown) {
    return failed(service, thrown);
  }
}

function failed(service: ManagedService, thrown: unknown): CheckReport {
  const met = asFailure(thrown);
  if (met.code === "agent-stopping") throw met;
  const running = service.state().current;
  return { service: service.name, outcome: "failed", reason: met.note, ...(running && { running }) };
}

/**
 * Starts what stands at the destination once more where it never proved good and nothing else is on offer: the update that
 * brought it broke. Undefined: there was nothing to prove.
 */
async function prove(service: ManagedService, context: ServiceContext, onEvent: OnEvent): Promise<Attempt | undefined> {
  return await inTurn(service, onEvent, async () => {
    const state = service.state();
    const target = unproven(state);
    if (target === undefined || state.broken !== undefined || context.stop.aborted) return undefined;
    return await updateAloud(service, context, { intent: "activate", target });
  });
}

/**
 * Looks at once and updates if there is something to do; the report of the check if there is not. `asked`: a person did, so
 * that waits and the broken mark do not hold it.
 */
export async function update(
  service: ManagedService,
  context: ServiceContext,
  onEvent: OnEvent,
  asked = true,
): Promise<Attempt | CheckReport> {
  return inTurn(service, onEvent, async () => {
    let look: Look;
    try {
      look = await lookWell(service, context, { asked });
    } catch (thrown) {
      return failed(service, thrown);
    }
    const { move } = look;
    if (move.move === "acquaint") acquaint(service, context.journal, move.marker);
    const order = orderOf(move);
    if (order === undefined) return reportOf(service, look);
    if (context.stop.aborted) throw failure("agent-stopping", {});
    return updateAloud(service, context, order);
  });
}
