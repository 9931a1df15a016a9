import { asFailure } from "../domain/failures/failure.ts";
import { compareWithDisk } from "./compare-with-disk.ts";
import type { OperationsContext } from "./local-operations.ts";
import type { ManagedService } from "./managed-service.ts";
import type { Attempt } from "./operations.ts";
import { sayOutcome } from "./service-loop.ts";

/** Goes on with the updates that an earlier process left open; each one keeps its service's turn until it ended. */
export function recoverAll(context: OperationsContext): readonly Promise<Attempt | undefined>[] {
  const { services, journal, ports } = context;
  const declared = new Map(services.some(undefined).map((service) => [service.name, service]));
  const open = new Set(journal.unfinished().map(({ service }) => service));
  for (const name of open) {
    if (declared.has(name)) continue;
    ports.logger.log("warn", "an open update belongs to a service that is no longer declared", { service: name });
  }
  return [...declared.values()].map((service) => recoverOne(service, open.has(service.name), context));
}

/** What the update that was left open came to; undefined without one, and when it is left open still. */
async function recoverOne(
  service: ManagedService,
  isOpen: boolean,
  context: OperationsContext,
): Promise<Attempt | undefined> {
  const { ports, stop } = context;
  try {
    using _turn = await service.takeTurn();
    if (!isOpen) {
      await compareWithDisk(service, context);
      return undefined;
    }
    ports.logger.log("info", "an open update is continued", { service: service.name });
    const attempt = await service.recover();
    if (attempt) sayOutcome(attempt, service, ports);
    return attempt;
  } catch (thrown) {
    if (stop.aborted) return undefined;
    const { code, message, remedy } = asFailure(thrown);
    ports.logger.log("error", "the start of a service failed", {
      service: service.name,
      code,
      problem: message,
      remedy,
    });
    return undefined;
  }
}
