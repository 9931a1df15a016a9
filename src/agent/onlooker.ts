import { failure } from "../domain/failures/failure.ts";
import type { Configuration } from "../domain/service.ts";
import type { UpdateRecord } from "../update/record.ts";
import type { AgentPorts } from "./agent-ports.ts";
import type { Journal, JournalReader } from "./journal/journal.ts";
import { readJournal } from "./journal/read-journal.ts";
import { localOperations } from "./local-operations.ts";
import { type LockHolder, lockHolder } from "./lock.ts";
import type { ManagedService, ServiceContext } from "./managed-service.ts";
import { manageServices } from "./managed-services.ts";
import type { Operations, ServiceStatus } from "./operations.ts";
import { statusOf } from "./operations-read.ts";
import { createTurns } from "./turns.ts";

/** What can be asked of a state folder without being its agent: it changes nothing. */
export type Readings = Pick<Operations, "status" | "history" | "releases" | "evidence" | "check">;

export interface OnlookerOptions {
  readonly configuration: Configuration;
  readonly ports: AgentPorts;
  /** Aborts when the person gives up. */
  readonly stop?: AbortSignal;
}

/**
 * Lets `use` read what the journal, the disk and the repositories say, without the agent's lock: beside another process that
 * works on the same state folder, and where none does. An update that is open is shown in the state that the journal has.
 */
export async function withOnlooker<Result>(
  { configuration, ports, stop = new AbortController().signal }: OnlookerOptions,
  use: (readings: Readings, holder: LockHolder | undefined) => Promise<Result>,
): Promise<Result> {
  const { statePath } = configuration;
  const reader = readJournal(statePath);
  const context: ServiceContext = { statePath, journal: forReading(reader), heavy: createTurns(1), ports, stop };
  const services = manageServices(configuration, context);
  const reload = () => Promise.reject(failure("no-agent", { path: statePath }));
  const { history, releases, evidence, check } = localOperations({ ...context, services, reload }, "onlooker");
  const holder = lockHolder(statePath);
  const status = (name: string | undefined) => {
    const open = new Map(reader.unfinished().map((update) => [update.service, update]));
    const look = (service: ManagedService) => statusBeside(service, open.get(service.name), holder, context);
    return Promise.all(services.some(name).map(look));
  };
  try {
    return await use({ status, history, releases, evidence, check }, holder);
  } finally {
    services.close();
    reader.close();
  }
}

/** How a service fares on which another process may be at work. */
async function statusBeside(
  service: ManagedService,
  open: UpdateRecord | undefined,
  holder: LockHolder | undefined,
  context: ServiceContext,
): Promise<ServiceStatus> {
  if (open === undefined) return await statusOf(service, context, undefined);
  const status = await statusOf({ ...service, phase: () => open.state }, context, undefined);
  return holder === undefined ? { ...status, interrupted: true } : status;
}

function forReading(reader: JournalReader): Journal {
  const refuse = () => {
    throw new TypeError("an onlooker writes nothing");
  };
  // What a check taught it is learned again by the agent.
  const remember = () => undefined;
  return { ...reader, warnings: [], write: refuse, remember, forget: refuse, audit: refuse };
}
