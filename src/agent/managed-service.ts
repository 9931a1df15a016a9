import type { Milliseconds } from "../domain/duration.ts";
import { asFailure, type Failure, type FailureNote, failure } from "../domain/failures/failure.ts";
import type { Marker, Release } from "../domain/release.ts";
import type { ServiceDeclaration } from "../domain/service.ts";
import { type MoveFacts, type NextMove, nextMove } from "../update/next-move.ts";
import { orAborted } from "../update/or-aborted.ts";
import { performUpdate, resumeUpdate, type UpdateOrder } from "../update/perform-update.ts";
import type { ServicePorts, UpdateEvent } from "../update/ports.ts";
import type { UpdateRecord } from "../update/record.ts";
import { acquainted, type ServiceState } from "../update/service-state.ts";
import { type StateName, untouched, workflow } from "../update/states.ts";
import type { AgentPorts } from "./agent-ports.ts";
import { type AttemptWait, attemptWait } from "./attempt-wait.ts";
import { attemptOf } from "./journal/attempt.ts";
import type { Journal } from "./journal/journal.ts";
import type { Attempt, OnEvent, Progress } from "./operations.ts";
import { createTurns, type Turns } from "./turns.ts";
import { type Shared, wire } from "./wiring.ts";

/** A check that had no answer by then is a failed one. */
const checkDeadline: Milliseconds = 60_000;

/** What all services of one agent are given. */
export interface ServiceContext extends Shared {
  readonly journal: Journal;
  readonly ports: AgentPorts;
  /** Aborts when the agent stops. */
  readonly stop: AbortSignal;
  /** Makes the parts of a service; the real ones when left out. */
  readonly wire?: typeof wire;
}

/** The answer of the repository and what follows from it. */
export interface Look {
  readonly move: NextMove;
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
  /** When that state was entered; undefined when idle. Milliseconds since 1970. */
  since(): number | undefined;
  progress(): Progress | undefined;
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
  phase: StateName;
  since: number | undefined;
  progress: Progress | undefined;
  readonly wait: AttemptWait;
  lastCheck: LastCheck | undefined;
  /** Ends the update at hand, as far as it has touched nothing. */
  yielding: AbortController;
  removed: boolean;
}

export function manageService(declaration: ServiceDeclaration, context: ServiceContext): ManagedService {
  const { wire: wired = wire } = context;
  const make = (of: ServiceDeclaration) => wired(of, context.ports, context, (event) => hear(core, event));
  const core: Core = {
    context,
    turns: createTurns(1),
    listeners: new Set(),
    declaration,
    parts: make(declaration),
    phase: "idle",
    since: undefined,
    progress: undefined,
    wait: attemptWait(context.ports.clock),
    lastCheck: undefined,
    yielding: new AbortController(),
    removed: false,
  };
  return {
    name: declaration.name,
    declaration: () => core.declaration,
    parts: () => core.parts,
    state: () => stateOf(core),
    phase: () => core.phase,
    since: () => core.since,
    progress: () => core.progress,
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
      using _turn = await core.turns.take();
    },
    makeWay: () => makeWay(core),
    isPreparing: () => core.phase !== "idle" && untouched(workflow[core.phase].part),
    redeclare(next) {
      const before = core.parts;
      core.parts = make(next);
      core.declaration = next;
      before.repository.close();
    },
    listen(onEvent) {
      core.listeners.add(onEvent);
      return { [Symbol.dispose]: () => void core.listeners.delete(onEvent) };
    },
    remove() {
      core.removed = true;
      core.parts.repository.close();
    },
    close: () => core.parts.repository.close(),
  };
}

function stateOf({ context, declaration }: Core): ServiceState {
  return context.journal.service(declaration.name);
}

function hear(core: Core, event: UpdateEvent): void {
  if (event.type === "state") {
    core.phase = event.state;
    core.since = event.state === "idle" ? undefined : core.context.ports.clock.wall();
    core.progress = undefined;
  }
  if (event.type === "progress") core.progress = event.progress;
  for (const listener of core.listeners) listener(event);
}

async function look(core: Core, asked: boolean): Promise<Look> {
  const { context } = core;
  const at = context.ports.clock.wall();
  try {
    const { marker, knownHash } = await offered(core);
    core.lastCheck = { at, ...(marker && { marker }) };
    const state = stateOf(core);
    return { marker, move: nextMove(state, { marker, knownHash, asked, waitLeft: core.wait.left(state.notBefore) }) };
  } catch (thrown) {
    throw failedCheck(core, thrown);
  }
}

function failedCheck(core: Core, thrown: unknown): Failure {
  const met = outOfDescriptors(thrown) ? failure("descriptors-used-up", {}, thrown) : asFailure(thrown);
  const { ports, stop } = core.context;
  const before = core.lastCheck?.marker;
  if (!stop.aborted) core.lastCheck = { at: ports.clock.wall(), failure: met.note, ...(before && { marker: before }) };
  return met;
}

/** EMFILE (this process) or ENFILE (the whole host), as itself or underneath a failure. */
function outOfDescriptors(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code } = thrown as NodeJS.ErrnoException;
  return code === "EMFILE" || code === "ENFILE" || outOfDescriptors(thrown.cause);
}

/** What the repository offers now, or what the journal remembers when nothing changed; and the `hash` where it may count. */
async function offered(core: Core): Promise<Pick<MoveFacts, "marker" | "knownHash">> {
  const { context, parts, declaration } = core;
  const { repository, releases, service, clock } = parts;
  const { seen } = stateOf(core);
  const late = () => failure("check-overdue", { service: service.name, after: checkDeadline / 1000 });
  using limit = clock.deadline(checkDeadline, late, context.stop);
  // A dead network disk heeds no signal; it must not take the service's loop with it.
  const answer = await orAborted(repository.check(seen?.marker, limit.signal), limit.signal);
  const marker = answer.outcome === "found" ? answer.marker : seen?.marker;
  const { knownHash } = declaration;
  if (knownHash === undefined || seen !== undefined) return { marker };
  const { kind } = await orAborted(releases.standing(), limit.signal);
  // It speaks of what stands at the destination; on a new host that is nothing.
  return kind === "nothing" ? { marker } : { marker, knownHash };
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
    core.phase = "idle";
    core.since = undefined;
    core.progress = undefined;
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

function makeWay({ phase, yielding, declaration }: Core): void {
  if (phase === "idle") return;
  const { part } = workflow[phase];
  if (untouched(part)) yielding.abort(failure("agent-stopping", {}));
  // What only reports is waited for; it takes no decision back.
  else if (part !== "closing") throw failure("service-busy", { service: declaration.name, state: phase });
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

/** The release on disk that a person means by its id, version, or the beginning of its id or digest. */
export function releaseMeant(service: string, wanted: string, onDisk: readonly Release[]): Release {
  const exact = onDisk.find(({ id, digest, version }) => wanted === id || wanted === digest || wanted === version);
  if (exact) return exact;
  const begun = onDisk.filter(({ id, digest }) => id.startsWith(wanted) || digest.startsWith(wanted));
  const [only, second] = begun;
  if (only === undefined) throw failure("unknown-release", { service, release: wanted });
  if (second === undefined) return only;
  const candidates = begun.map(({ id }) => id).join(", ");
  throw failure("ambiguous-release", { service, release: wanted, candidates });
}
