import { didYouMean } from "../domain/did-you-mean.ts";
import { asFailure, failure } from "../domain/failures/failure.ts";
import type { Configuration, ServiceDeclaration } from "../domain/service.ts";
import { rolloutOf } from "../update/rollout-state.ts";
import { type ManagedService, manageService, type ServiceContext } from "./managed-service.ts";
import { type ServiceLoop, startLoop } from "./service-loop.ts";
import { sharedStores } from "./shared-stores.ts";
import { type Wire, wireWith } from "./wiring.ts";

/** All services of an agent. */
export interface ManagedServices {
  configuration(): Configuration;
  /** The service of this name, or a failure that says which one may be meant. */
  one(name: string): ManagedService;
  /** The one named, or all. */
  some(name: string | undefined): readonly ManagedService[];
  nextCheck(name: string): number | undefined;
  /** From now on every service is looked after. */
  startLoops(): void;
  /** Takes on another configuration: what is gone ends its update first, what changed counts from its next turn on. */
  adopt(configuration: Configuration): Changes;
  /** Resolves when all loops ended. */
  ended(): Promise<void>;
  /** Resolves when no service is in the middle of anything. */
  settled(): Promise<void>;
  close(): void;
}

export interface Changes {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

interface Entry {
  readonly service: ManagedService;
  loop?: ServiceLoop;
}

/** What changes about the services of an agent. */
interface Roster {
  readonly context: ServiceContext & { readonly wire: Wire };
  readonly entries: Map<string, Entry>;
  /** Removed from the configuration, but still in the middle of an update. */
  readonly leaving: Map<string, Entry>;
  /** Changes that wait for their turn. */
  readonly pending: Set<Promise<void>>;
  configuration: Configuration;
  looping: boolean;
}

export function manageServices(configuration: Configuration, given: ServiceContext): ManagedServices {
  const entries = new Map<string, Entry>();
  const host = () => roster.configuration.host ?? given.ports.hostname;
  const context = { ...given, wire: given.wire ?? wireWith({ host, stores: sharedStores() }) };
  const roster: Roster = { context, entries, leaving: new Map(), pending: new Set(), configuration, looping: false };
  for (const declaration of configuration.services) add(roster, declaration);
  return {
    configuration: () => roster.configuration,
    one: (name) => known(roster, name).service,
    some: (name) => (name === undefined ? [...entries.values()] : [known(roster, name)]).map(({ service }) => service),
    nextCheck: (name) => entries.get(name)?.loop?.nextCheck,
    startLoops() {
      roster.looping = true;
      for (const entry of entries.values()) entry.loop ??= startLoop(entry.service, context);
    },
    adopt: (next) => adopt(roster, next),
    async ended() {
      await Promise.all([...entries.values()].map(({ loop }) => loop?.ended));
      await Promise.all(roster.pending);
    },
    async settled() {
      const all = [...entries.values(), ...roster.leaving.values()];
      await Promise.all(all.map(({ service }) => service.settled()));
    },
    close() {
      for (const { service } of entries.values()) service.close();
    },
  };
}

function known({ entries }: Roster, name: string): Entry {
  const entry = entries.get(name);
  if (entry) return entry;
  throw failure("unknown-service", { service: name, hint: didYouMean(name, entries.keys()) });
}

function adopt(roster: Roster, next: Configuration): Changes {
  const { entries } = roster;
  const before = new Map(roster.configuration.services.map((service) => [service.name, service]));
  const wanted = new Set(next.services.map(nameOf));
  const removed = [...entries.values()].filter(({ service }) => !wanted.has(service.name));
  const added = next.services.filter(({ name }) => !entries.has(name));
  const renamed = next.host !== roster.configuration.host;
  const changed = next.services.filter((service) => {
    const old = before.get(service.name);
    if (old === undefined) return false;
    return !sameDeclaration(service, old) || (renamed && service.rollout !== undefined);
  });
  roster.configuration = next;
  for (const entry of removed) remove(roster, entry);
  for (const declaration of changed) change(roster, declaration);
  for (const declaration of added) add(roster, declaration);
  return {
    added: added.map(nameOf),
    changed: changed.map(nameOf),
    removed: removed.map(({ service }) => service.name),
  };
}

function add(roster: Roster, declaration: ServiceDeclaration): void {
  // Declared again before its update ended: the same one goes on, for there must never be two of a name.
  const back = roster.leaving.get(declaration.name);
  const service = back?.service ?? manageService(declaration, roster.context);
  const entry: Entry = roster.looping ? { service, loop: startLoop(service, roster.context) } : { service };
  roster.entries.set(declaration.name, entry);
  if (back) afterTurn(roster, service, () => service.redeclare(declaration));
}

function change(roster: Roster, declaration: ServiceDeclaration): void {
  const { service, loop } = known(roster, declaration.name);
  // It begins anew with what it is told now.
  if (service.isWaiting()) service.makeWay();
  afterTurn(roster, service, () => {
    service.redeclare(declaration);
    loop?.restart();
  });
}

function remove(roster: Roster, entry: Entry): void {
  const { entries, leaving, context } = roster;
  const { service, loop } = entry;
  entries.delete(service.name);
  leaving.set(service.name, entry);
  loop?.end();
  if (service.isWaiting()) service.makeWay();
  afterTurn(roster, service, () => {
    leaving.delete(service.name);
    if (entries.get(service.name)?.service === service) return;
    const { owed } = rolloutOf(service.state());
    service.remove();
    context.ports.logger.log("info", "a service was removed", { service: service.name });
    for (const { attempt, outcome } of owed) {
      const remedy = `Say "dropship rollout forget ${service.name}" with this host's name, or declare the service again.`;
      context.ports.logger.log("warn", "the fleet of a removed service was not told how its update ended", {
        service: service.name,
        attempt,
        outcome,
        remedy,
      });
    }
  });
}

/** Runs in the background: an update that is on its way keeps what it began with. */
function afterTurn({ pending, context }: Roster, service: ManagedService, then: () => void): void {
  const { stop, ports } = context;
  const waiting = service
    .takeTurn()
    .then((turn) => {
      using _turn = turn;
      then();
    })
    .catch((thrown) => {
      if (stop.aborted) return;
      const { code, message: problem } = asFailure(thrown);
      ports.logger.log("error", "a service could not take on its new declaration", {
        service: service.name,
        code,
        problem,
      });
    })
    .finally(() => pending.delete(waiting));
  pending.add(waiting);
}

function nameOf({ name }: ServiceDeclaration): string {
  return name;
}

/** Declarations are plain data; where they stand in their file is no change. */
function sameDeclaration(one: ServiceDeclaration, other: ServiceDeclaration): boolean {
  const plain = (declaration: ServiceDeclaration) =>
    JSON.stringify(declaration, (key, value) => (key === "where" ? undefined : value));
  return plain(one) === plain(other);
}
