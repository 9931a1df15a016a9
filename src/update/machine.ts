import { asFailure, failure } from "../domain/failures/failure.ts";
import type { Clock, Logger, Random } from "../platform/ports.ts";
import { boundedEvidence, type Evidence } from "./evidence.ts";
import type { Limits } from "./limits.ts";
import type { UpdateEvent, UpdateJournal } from "./ports.ts";
import type { UpdateRecord } from "./record.ts";
import { owing, withFloor } from "./rollout-state.ts";
import { committed, type ServiceState, settled } from "./service-state.ts";
import { slotReportOf } from "./slot-report.ts";
import {
  type ActiveState,
  crashLimit,
  type Outcome,
  type StateName,
  type Target,
  untouched,
  workflow,
} from "./states.ts";

/** What a step may learn; `undefined` takes a field out of the record. */
export type Learned = {
  readonly [Field in keyof Omit<
    UpdateRecord,
    "format" | "id" | "service" | "intent" | "state" | "starts" | "evidence"
  >]?: UpdateRecord[Field] | undefined;
};

/** What a step gives back: its outcome, and what it learned for the record. */
export interface StepResult<State extends ActiveState> {
  readonly outcome: Outcome<State>;
  readonly learned?: Learned;
}

/** The agent stops before the step came to an end: the next agent starts it again. */
export const suspended = "suspended";

/** A step never throws for what it foresees: it has an outcome for it. The signal aborts as the state's row says. */
export type Step<State extends ActiveState> = (
  update: UpdateRecord,
  signal: AbortSignal,
) => Promise<StepResult<State> | typeof suspended>;

/** One step for each state; leaving one out, or giving an outcome that its row lacks, does not compile. */
export type Steps = { readonly [State in ActiveState]: Step<State> };

export interface Machine {
  readonly steps: Steps;
  readonly journal: UpdateJournal;
  readonly evidence: Evidence;
  readonly limits: Limits;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly notify: (event: UpdateEvent) => void;
  /** Whether what failed just now was cut by the host's end, and says nothing. */
  readonly cutByHost: () => Promise<boolean>;
}

/** Runs an update whose present state is journaled, until it is "idle" or the agent stops. */
export async function run(update: UpdateRecord, machine: Machine): Promise<UpdateRecord> {
  let record = update;
  while (record.state !== "idle") {
    if (machine.limits.holds(record.state)) return suspend(record, machine);
    const next = await advance(record, record.state, machine);
    if (next === suspended) return suspend({ ...record, cut: true }, machine);
    record = next;
  }
  return record;
}

/**
 * Goes on with an update that an agent left behind: counts the start, durably, before anything runs. An attempt whose
 * state was started too often without an end is condemned instead.
 */
export async function resume(update: UpdateRecord, machine: Machine): Promise<UpdateRecord> {
  if (update.state === "idle") return update;
  if (update.starts >= crashLimit) {
    machine.logger.log("error", "the update is given up, for it crashed too often", { state: update.state });
    return enter(condemn(update, update.state), workflow[update.state].condemned, machine);
  }
  const started = { ...update, starts: update.starts + 1 };
  await persist(started, undefined, machine);
  return started;
}

/** Runs the step of the current state, then journals the state it leads to before anything else happens. */
async function advance(
  update: UpdateRecord,
  state: ActiveState,
  machine: Machine,
): Promise<UpdateRecord | typeof suspended> {
  using limit = machine.limits.of(state);
  machine.notify({ type: "state", service: update.service, state });
  try {
    const result = await machine.steps[state](update, limit.signal);
    if (result === suspended) return suspended;
    if (failed.has(result.outcome) && concernsService(state) && (await machine.cutByHost())) return suspended;
    const next: Readonly<Record<string, Target>> = workflow[state].next;
    const to = next[result.outcome];
    if (to === undefined) throw new TypeError(`The state "${state}" has no outcome "${result.outcome}".`);
    machine.logger.log("debug", "a state of the update ended", { state, outcome: result.outcome });
    return await enter({ ...update, ...result.learned } as UpdateRecord, to, machine);
  } catch (thrown) {
    if (machine.limits.cut.aborted) return suspended;
    return resume(await stumbled(update, state, thrown, machine), machine);
  }
}

/** What a hook or a probe may come to that speaks against a release, or for going back. */
const failed: ReadonlySet<string> = new Set(["refused", "failed", "unhealthy"]);

/** Once a service is being stopped, what fails may fail because systemd starts nothing any more. */
function concernsService(state: ActiveState): boolean {
  const { part } = workflow[state];
  return part === "switching" || part === "undoing";
}

/** What a step did not foresee counts like a crash, so that it cannot go round for ever. */
async function stumbled(update: UpdateRecord, state: ActiveState, thrown: unknown, machine: Machine) {
  const met = asFailure(thrown);
  machine.logger.log("error", "a step of the update failed unexpectedly", {
    state,
    code: met.code,
    problem: met.message,
  });
  machine.evidence.add(state, "dropship", met.code, met.message);
  await machine.clock.sleep(1000, machine.limits.cut).catch(() => {});
  return { ...update, failure: update.failure ?? met.note };
}

async function enter(update: UpdateRecord, state: StateName, machine: Machine): Promise<UpdateRecord> {
  const now = machine.clock.wall();
  const { cut: _, ...uncut } = update;
  const entered: UpdateRecord = {
    ...withoutHoles(uncut),
    ...moments(update, state, now),
    state,
    starts: state === "idle" ? 0 : 1,
    evidence: boundedEvidence([...update.evidence, ...machine.evidence.take()]),
  };
  await persist(entered, remembered(entered, machine, now), machine);
  if (state === "idle") machine.notify({ type: "state", service: update.service, state });
  return entered;
}

/** What the service's state becomes when this state is entered; written with it or not at all. */
function remembered(entered: UpdateRecord, machine: Machine, now: number): ServiceState | undefined {
  const before = machine.journal.service(entered.service);
  const after = withRollout(ofUpdate(before, entered, machine, now), entered);
  return after === before ? undefined : after;
}

function ofUpdate(before: ServiceState, entered: UpdateRecord, { random }: Machine, now: number): ServiceState {
  if (entered.state === "committing") return committed(before, entered, now);
  return entered.state === "idle" ? settled(before, entered, random.fraction()) : before;
}

/** What this host knows of its fleet grows with every state; what the fleet has not taken yet is kept when the update ends. */
function withRollout(state: ServiceState, entered: UpdateRecord): ServiceState {
  const known = entered.floor === undefined ? state : withFloor(state, entered.floor);
  const report = entered.state === "idle" && entered.reported !== true ? slotReportOf(entered) : undefined;
  return report ? owing(known, report) : known;
}

function moments(update: UpdateRecord, state: StateName, now: number): Partial<UpdateRecord> {
  if (state === "idle") return { endedAt: now };
  if (state === "running-before-hooks") return { downSince: now };
  if (state === "acquiring" && update.slot !== undefined) return { waitsSince: now };
  const settledNow = workflow[state].part === "closing" && update.downSince !== undefined;
  return settledNow && update.settledAt === undefined ? { settledAt: now } : {};
}

/** The states in which it was the new content's turn to prove itself. */
const proving: ReadonlySet<ActiveState> = new Set(["running-after-hooks", "checking-health"]);

/** What is said of an attempt that crashed too often in one state. */
function condemn(update: UpdateRecord, state: ActiveState): UpdateRecord {
  const { part, condemned } = workflow[state];
  if (part === "closing") return update;
  const note = update.failure ?? failure("update-condemned", { service: update.service, state }).note;
  const blame = update.blame ?? (proving.has(state) ? "content" : "host");
  // Where a state of the switch leads to, its outcome is found out.
  const ends = workflow[condemned].part === "closing";
  const outcome = ends ? ({ outcome: untouched(part) ? "aborted" : "broken" } as const) : {};
  return { ...update, failure: note, blame, ...outcome };
}

/** Ends the run for now; a start that the agent itself ended is no crash. */
function suspend(update: UpdateRecord, machine: Machine): UpdateRecord {
  const waiting: UpdateRecord = {
    ...update,
    starts: Math.max(0, update.starts - 1),
    evidence: boundedEvidence([...update.evidence, ...machine.evidence.take()]),
  };
  try {
    machine.journal.write(waiting);
  } catch (thrown) {
    machine.logger.log("warn", "the stop of an update could not be journaled", { problem: asFailure(thrown).message });
  }
  return waiting;
}

/** Writes until it is written: an update never goes on with what is not on the disk. Throws when the agent stops. */
async function persist(update: UpdateRecord, service: ServiceState | undefined, machine: Machine): Promise<void> {
  for (let pause = 1000; ; pause = Math.min(pause * 2, 30_000)) {
    try {
      machine.journal.write(update, service);
      return;
    } catch (thrown) {
      const met = asFailure(thrown);
      if (!met.passing) throw met;
      machine.logger.log("error", "the update waits for its journal", {
        code: met.code,
        problem: met.message,
        state: update.state,
      });
      await machine.clock.sleep(pause, machine.limits.cut);
    }
  }
}

function withoutHoles(update: UpdateRecord): UpdateRecord {
  return Object.fromEntries(
    Object.entries(update).filter(([, value]) => value !== undefined),
  ) as unknown as UpdateRecord;
}
