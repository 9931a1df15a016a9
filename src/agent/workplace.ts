import { mkdirSync } from "node:fs";
import { join } from "node:path";
import type { FailureNote } from "../domain/failures/failure.ts";
import type { Configuration } from "../domain/service.ts";
import type { AgentPorts } from "./agent-ports.ts";
import { openJournal } from "./journal/open-journal.ts";
import { type OperationsContext, update } from "./local-operations.ts";
import { type AgentLock, takeAgentLock } from "./lock.ts";
import { type ManagedServices, manageServices } from "./managed-services.ts";
import type { Attempt } from "./operations.ts";
import { recoverAll } from "./recover.ts";
import { createTurns } from "./turns.ts";

/** How many downloads and unpackings run at a time, over all services. */
const heavyLimit = 2;

/** A process that holds the lock, with everything at hand that operations need. */
export interface Workplace {
  readonly lock: AgentLock;
  readonly context: OperationsContext;
  readonly services: ManagedServices;
  /** Goes on with the updates that an earlier process left open; each one keeps its service's turn until it ended. */
  recover(): readonly Promise<Attempt | undefined>[];
  /** Waits for what is under way, and lets go of everything. */
  close(): Promise<void>;
}

export interface WorkplaceOptions {
  readonly configuration: Configuration;
  readonly ports: AgentPorts;
  /** Who we are, for others that find the lock taken. */
  readonly what: string;
  readonly stop: AbortSignal;
  readonly reload: (services: ManagedServices) => Promise<Configuration>;
  /** Called when a service has gone on to another state. */
  readonly onStage?: () => void;
}

/** Takes the lock of the state folder and opens all that is in it. */
export function openWorkplace({ configuration, ports, what, stop, reload, onStage }: WorkplaceOptions): Workplace {
  const { statePath } = configuration;
  const { logger, clock } = ports;
  const lock = takeAgentLock(statePath, what);
  try {
    mkdirSync(join(statePath, "downloads"), { recursive: true, mode: 0o700 });
    const warn = ({ code, sentence, remedy }: FailureNote) =>
      logger.log("warn", "the journal needs attention", { code, problem: sentence, remedy });
    const journal = openJournal({ folder: statePath, wall: clock.wall, warn });
    for (const note of journal.warnings) warn(note);
    const shared = { statePath, journal, heavy: createTurns(heavyLimit), ports, stop, ...(onStage && { onStage }) };
    const services = manageServices(configuration, shared);
    const context: OperationsContext = { ...shared, services, reload: () => reload(services) };
    return {
      lock,
      context,
      services,
      recover: () => recoverAll(context),
      async close() {
        await services.settled();
        services.close();
        journal.close();
        lock[Symbol.dispose]();
      },
    };
  } catch (thrown) {
    lock[Symbol.dispose]();
    throw thrown;
  }
}

/** One look at every service, and the updates that follow: as `dropship agent --once` does it. */
export function updateAll({ context, services }: Workplace): ReturnType<typeof update>[] {
  const some = createTurns(8);
  return services.some(undefined).map(async (service) => {
    using _turn = await some.take(context.stop);
    return await update(service, context, () => undefined, false);
  });
}
