import type { Milliseconds } from "../domain/duration.ts";
import { type Failure, type FailureNote, failure } from "../domain/failures/failure.ts";
import type { Marker } from "../domain/release.ts";
import type { ServiceDeclaration } from "../domain/service.ts";
import { type NextMove, nextMove } from "../update/next-move.ts";
import { performUpdate, resumeUpdate, type UpdateOrder } from "../update/perform-update.ts";
import type { ServicePorts, UpdateEvent } from "../update/ports.ts";
import type { UpdateRecord } from "../update/record.ts";
import { acquainted, type ServiceState } from "../update/service-state.ts";
import { type Part, type StateName, untouched, workflow } from "../update/states.ts";
import type { AgentPorts } from "./agent-ports.ts";
import { askRepository, checkFailure } from "./ask-repository.ts";
import { type AttemptWait, attemptWait } from "./attempt-wait.ts";
import { type FleetSide, fleetSide } from "./fleet-side.ts";
import { attemptOf } from "./journal/attempt.ts";
import type { Journal } from "./journal/journal.ts";
import type { Attempt, OnEvent } from "./operations.ts";
import { after, atRest, type Stage } from "./stage.ts";
import { createTurns, type Turns } from "./turns.ts";
import { closeParts, type Shared, type Wire } from "./wiring.ts";

/** What all services of one agent are given. */
export interface ServiceContext extends Shared {
  readonly journal: Journal;
  readonly ports: AgentPorts;
  /** Aborts when the agent stops. */
  readonly stop: AbortSignal;
  /** Called when a service has gone on to another state, or is at rest again. */
  readonly onStage?: () => void;
  /** Makes the parts of each service; the real ones when left out. */
  readonly wire?: Wire;
}

/** What comes next: by what this host knows, or by its fleet, which goes back. */
export type Move = NextMove | { readonly move: "go-back"; readonly order: UpdateOrder };

/** The answer of the repository and what follows from it. */
export interface Look {
  readonly move: Move;
  readonly marker: Marker | undefined;
}

export interface LastCheck {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly failure?: FailureNote;
  readonly marker?: Marker;
}

/** One declared service at work: it looks, updates and activates, never two updates at once. */
export interface ManagedService {
  readonly name: string;
  declaration(): ServiceDeclaration;
  parts(): ServicePorts;
  state(): ServiceState;
  /** The state of the update at hand; "idle" without one. */
  phase(): StateName;
  /** The same, with all that is known of it. */
  stage(): Stage;
  readonly fleet: Pick<FleetSide, "duties" | "keepOn">;
  /** What is left of the wait after a failed attempt. */
  waitLeft(): Milliseconds;
  lastCheck(): LastCheck | undefined;
  /** Asks the repository; changes nothing but what is known. Rejects with the failure of the check. */
  look(asked: boolean): Promise<Look>;
  /** Remembers that a check failed, and gives the failure that it was. */
  failedCheck(thrown: unknown): Failure;
  /** Carries out an update; the caller holds the turn. */
  perform(order: UpdateOrder): Promise<Attempt>;
  /** Goes on with what the journal says is unfinished; undefined when nothing is. The caller holds the turn. */
  recover(): Promise<Attempt | undefined>;
  /** Resolves when nobody else changes this service. */
  takeTurn(signal?: AbortSignal): Promise<Disposable>;
  /** Resolves when nobody holds the turn, also while the agent stops. */
  settled(): Promise<void>;
  /** Ends an update that has touched nothing yet, to make way; fails with "service-busy" in the middle of a switch. */
  makeWay(): void;
  /** Whether an update is at hand that has touched nothing yet. */
  isPreparing(): boolean;
  /** Whether it waits for its slot, which may take for ever. */
  isWaiting(): boolean;
  /** From the next turn on this declaration counts. The caller holds the turn. */
  redeclare(declaration: ServiceDeclaration): void;
  listen(onEvent: OnEvent): Disposable;
  /** Marks the service as no longer declared: whoever waits for a turn is told. The caller holds the turn. */
  remove(): void;
  close(): void;
}

/** What changes about a service while it is managed. */
interface Core {
  readonly context: ServiceContext;
  readonly turns: Turns;
  readonly listeners: Set<OnEvent>;
  declaration: ServiceDeclaration;
  parts: ServicePorts;
  stage: Stage;
  readonly wait: AttemptWait;
  lastCheck: LastCheck | undefined;
  /** Ends the update at hand, as far as it has touched nothing. */
  yielding: AbortController;
  removed: boolean;
  readonly fleet: FleetSide;
}

export function manageService(
  declaration: ServiceDeclaration,
  context: ServiceContext & Required<Pick<ServiceContext, "wire">>,
): ManagedService {
  const make = (of: ServiceDeclaration) => context.wire(of, context.ports, context, (event) => hear(core, event));
  const core = newCore(declaration, make(declaration), context);
  return {
    name: declaration.name,
    declaration: () => core.declaration,
    parts: () => core.parts,
    state: () => stateOf(core),
    phase: () => core.stage.phase,
    stage: () => core.stage,
    fleet: core.fleet,
    waitLeft: () => core.wait.left(stateOf(core).notBefore),
    lastCheck: () => core.lastCheck,
    look: (asked) => look(core, asked),
    failedCheck: (thrown) => failedCheck(core, thrown),
    async perform(order) {
      // Only an update whose journal failed on the way is left open here: it is ended, never written over.
      await recover(core);
      return await untilEnd(core, (stop) => performUpdate(core.parts, order, stop));
    },
    recover: () => recover(core),
    takeTurn: (signal) => takeTurn(core, signal),
    async settled() {
      const turn = await core.turns.take();
      turn[Symbol.dispose]();
      await core.fleet.settled();
    },
    makeWay: () => makeWay(core),
    isPreparing: () => untouched(partOf(core)),
    isWaiting: () => partOf(core) === "waiting",
    redeclare(next) {
      const before = core.parts;
      core.parts = make(next);
      core.declaration = next;
      core.fleet.renew(core.parts);
      closeParts(before);
    },
    listen: (onEvent) => listen(core, onEvent),
    remove() {
      core.removed = true;
      close(core);
    },
    close: () => close(core),
  };
}

function newCore(declaration: ServiceDeclaration, parts: ServicePorts, context: ServiceContext): Core {
  const { ports, journal } = context;
  const service = declaration.name;
  const fleet = fleetSide(parts, { ...ports, service, journal, stage: () => core.stage });
  const core: Core = {
    context,
    turns: createTurns(1),
    listeners: new Set(),
    declaration,
    parts,
    stage: atRest,
    wait: attemptWait(ports.clock),
    lastCheck: undefined,
    yielding: new AbortController(),
    removed: false,
    fleet,
  };
  return core;
}

function partOf({ stage: { phase } }: Core): Part | undefined {
  return phase === "idle" ? undefined : workflow[phase].part;
}

function listen({ listeners, stage, declaration }: Core, onEvent: OnEvent): Disposable {
  listeners.add(onEvent);
  // Whoever waits for its turn is told what keeps it.
  if (stage.waiting) onEvent({ type: "waiting", service: declaration.name, waiting: stage.waiting });
  return { [Symbol.dispose]: () => void listeners.delete(onEvent) };
}

function stateOf({ context, declaration }: Core): ServiceState {
  return context.journal.service(declaration.name);
}

function close({ fleet, parts }: Core): void {
  fleet.end();
  closeParts(parts);
}

function hear(core: Core, event: UpdateEvent): void {
  core.stage = after(core.stage, event, core.context.ports.clock.wall());
  core.fleet.hear(event);
  if (event.type === "state") core.context.onStage?.();
  for (const listener of core.listeners) listener(event);
}

async function look(core: Core, asked: boolean): Promise<Look> {
  const { context } = core;
  const at = context.ports.clock.wall();
  try {
    const { marker, knownHash } = await askRepository(core.parts, context.stop);
    core.lastCheck = { at, ...(marker && { marker }) };
    const state = stateOf(core);
    return { marker, move: nextMove(state, { marker, knownHash, asked, waitLeft: core.wait.left(state.notBefore) }) };
  } catch (thrown) {
    throw failedCheck(core, thrown);
  }
}

function failedCheck(core: Core, thrown: unknown): Failure {
  const met = checkFailure(thrown);
  const { ports, stop } = core.context;
  const before = core.lastCheck?.marker;
  if (!stop.aborted) core.lastCheck = { at: ports.clock.wall(), failure: met.note, ...(before && { marker: before }) };
  return met;
}

async function recover(core: Core): Promise<Attempt | undefined> {
  const { journal } = core.context;
  const found = journal.unfinished().find(({ service }) => service === core.declaration.name);
  return found && (await untilEnd(core, (stop) => resumeUpdate(core.parts, found, stop)));
}

/** An update that was asked to make way too late was suspended half-way: it goes on at once. */
async function untilEnd(core: Core, begin: (stop: AbortSignal) => Promise<UpdateRecord>): Promise<Attempt> {
  const { stop } = core.context;
  core.yielding = new AbortController();
  try {
    let record = await begin(AbortSignal.any([stop, core.yielding.signal]));
    while (record.state !== "idle") {
      if (stop.aborted) throw failure("agent-stopping", {});
      record = await resumeUpdate(core.parts, record, stop);
    }
    return attemptOf(record);
  } finally {
    core.stage = atRest;
    core.context.onStage?.();
    // A wait is counted from here, not from the next check.
    core.wait.left(stateOf(core).notBefore);
  }
}

async function takeTurn(core: Core, signal: AbortSignal | undefined): Promise<Disposable> {
  const { stop } = core.context;
  const turn = await core.turns.take(signal ? AbortSignal.any([signal, stop]) : stop);
  if (!core.removed) return turn;
  turn[Symbol.dispose]();
  throw failure("service-removed", { service: core.declaration.name });
}

function makeWay(core: Core): void {
  const { stage, yielding, declaration } = core;
  const part = partOf(core);
  if (part === undefined) return;
  if (untouched(part)) yielding.abort(failure("agent-stopping", {}));
  // What only reports is waited for; it takes no decision back.
  else if (part !== "closing") throw failure("service-busy", { service: declaration.name, state: stage.phase });
}

/** Holds the service's turn while `act` runs; what happens meanwhile, the waiting included, is told to `onEvent`. */
export async function inTurn<Result>(
  service: ManagedService,
  onEvent: OnEvent,
  act: () => Promise<Result>,
): Promise<Result> {
  using _listening = service.listen(onEvent);
  using _turn = await service.takeTurn();
  return await act();
}

/** Remembers that the upload is what stands at the destination, as the config's `hash` says. */
export function acquaint(service: ManagedService, journal: Journal, marker: Marker): void {
  journal.remember(acquainted(service.state(), marker));
}
