import type { UpdateRecord } from "./record.ts";
import { type ActiveState, crashLimit, type Outcome, type StateName, workflow } from "./states.ts";

/** What a step gives back: its outcome, and what it learned for the record. */
export interface StepResult<State extends ActiveState> {
  readonly outcome: Outcome<State>;
  readonly learned?: Partial<Omit<UpdateRecord, "state" | "starts" | "id" | "service" | "format">>;
}

/** One step for each state; leaving one out, or giving an outcome that its row lacks, does not compile. */
export type Steps = {
  readonly [State in ActiveState]: (update: UpdateRecord, signal: AbortSignal) => Promise<StepResult<State>>;
};

/** Keeps the record so that it survives a crash at any moment. */
export interface UpdateJournal {
  /** Returns once the record is on the disk. */
  write(record: UpdateRecord): void;
}

/** Runs the step of the current state, then journals the state it leads to before anything else happens. */
export async function advance(
  update: UpdateRecord,
  steps: Steps,
  journal: UpdateJournal,
  signal: AbortSignal,
): Promise<UpdateRecord> {
  if (update.state === "idle") return update;
  if (update.starts >= crashLimit) return enter(update, workflow[update.state].condemned, journal);
  const started = { ...update, starts: update.starts + 1 };
  if (started.starts > 1) journal.write(started);
  const { outcome, learned } = await steps[update.state](started, signal);
  const next: Readonly<Record<string, StateName>> = workflow[update.state].next;
  const state = next[outcome];
  if (state === undefined) throw new TypeError(`The state "${update.state}" has no outcome "${outcome}".`);
  return enter({ ...started, ...learned }, state, journal);
}

function enter(update: UpdateRecord, state: StateName, journal: UpdateJournal): UpdateRecord {
  const entered = { ...update, state, starts: 0 };
  journal.write(entered);
  return entered;
}
