import { attemptOf, onlyWaited } from "../../src/agent/journal/attempt.ts";
import type { Journal } from "../../src/agent/journal/journal.ts";
import type { Attempt } from "../../src/agent/operations.ts";
import { failure } from "../../src/domain/failures/failure.ts";
import type { UpdateRecord } from "../../src/update/record.ts";
import { blankState, type ServiceState } from "../../src/update/service-state.ts";
import type { Life } from "./life.ts";

/** What stands on a host's disk of its journal; it outlives every agent. */
export interface JournalFile {
  readonly states: Map<string, ServiceState>;
  readonly updates: Map<string, UpdateRecord>;
  /** Ended updates of all services, the latest last. */
  history: Attempt[];
}

export function emptyJournal(): JournalFile {
  return { states: new Map(), updates: new Map(), history: [] };
}

export interface JournalParts {
  readonly file: JournalFile;
  readonly life: Life;
  readonly full: () => boolean;
  /** Every state of an update, as it stands on the disk from now on. */
  readonly onWrite: (update: UpdateRecord) => void;
  /** Whatever is remembered of the service from now on. */
  readonly onState: (after: ServiceState, before: ServiceState) => void;
}

/**
 * The journal of one agent: what it wrote is on the disk when a method returns, or nothing is; the process may end on either side
 * of that. The real one's promises are held by its own tests.
 */
export function memoryJournal({ file, life, full, onWrite, onState }: JournalParts): Journal {
  const write = <Result>(name: string, act: () => Result) =>
    life.block(name, () => {
      if (full()) throw failure("journal-unwritable", { path: "/var/lib/dropship/journal", reason: "no space" });
      return act();
    });
  const stateOf = (service: string) => file.states.get(service) ?? blankState(service);
  const keep = (state: ServiceState) => {
    onState(state, stateOf(state.service));
    file.states.set(state.service, state);
  };
  const ofService = (service: string) => file.history.filter((attempt) => attempt.service === service);
  return {
    warnings: [],
    service: stateOf,
    services: () => [...file.states.values()],
    unfinished: () => [...file.updates.values()],
    write(update, state) {
      write(`journal ${update.state}`, () => {
        if (state !== undefined) keep(state);
        if (update.state === "idle") archive(file, update);
        else file.updates.set(update.service, update);
        onWrite(update);
      });
    },
    remember: (state) => write("journal remember", () => keep(state)),
    forget() {
      throw new Error("nobody forgets a service in this world");
    },
    history: (service, limit) => ofService(service).toReversed().slice(0, limit),
    attempt: (service, id) =>
      id === undefined ? ofService(service).at(-1) : ofService(service).find((attempt) => attempt.id === id),
    evidence: () => [],
    audit: () => {},
    audits: () => [],
    close() {},
  };
}

/** So many are kept, as the real journal does it; of those that only waited, the last of a row. */
const kept = 200;

function archive(file: JournalFile, update: UpdateRecord): void {
  const attempt = attemptOf(update);
  const last = file.history.at(-1);
  if (last && onlyWaited(attempt) && onlyWaited(last)) file.history.pop();
  file.updates.delete(update.service);
  file.history.push(attempt);
  if (file.history.length > kept) file.history.shift();
}
