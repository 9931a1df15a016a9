import type { Milliseconds } from "../domain/duration.ts";
import { asFailure, Failure, type FailureNote, failure } from "../domain/failures/failure.ts";
import { type RetryRule, retryWait } from "../domain/retry.ts";
import type { Refusal, RolloutEvent } from "../domain/rollout/events.ts";
import type { RolloutRecord } from "../domain/rollout/record.ts";
import { encodeRecord } from "../domain/rollout/record-text.ts";
import { next } from "../domain/rollout/rules.ts";
import type { RecordReader, SeenRecord } from "./record-reader.ts";

/** One event to be brought into the record. */
export interface Change {
  readonly event: RolloutEvent;
  /** Who it is: a host, or an operator. */
  readonly by: string;
  /** So long a passing failure of the store is met with another try; 0: the first one is thrown. */
  readonly patience: Milliseconds;
}

/** `record`: as it is now, undefined when there is none. `before`: what the event was applied to. */
export type Changed =
  | { readonly outcome: "written"; readonly before: RolloutRecord | undefined; readonly record: RolloutRecord }
  | { readonly outcome: "settled"; readonly record: RolloutRecord | undefined }
  | {
      readonly outcome: "refused";
      readonly why: Refusal;
      readonly record: RolloutRecord | undefined;
      /** A write without an answer came first: it may be the very one that left nothing to do. */
      readonly afterUnknown: boolean;
    };

/** Others change the record at the same moment: the first wait is as short as a round trip. */
const conflictWaits: RetryRule = { first: 20, cap: 3_000, tries: 60, longestAsked: 0 };
/** A record that went back may be an old answer of a store that has several servers; after so long of them it is not. */
const oldAnswers: Milliseconds = 5_000;
const failureWaits: RetryRule = { first: 250, cap: 5_000, tries: 60, longestAsked: 0 };

interface Rounds {
  readonly begun: Milliseconds;
  /** The operations of this change whose fate is not known. */
  readonly open: Map<string, RolloutRecord | undefined>;
  conflicts: number;
  failures: number;
  problem: Failure | undefined;
  /** Since when every answer said that the record went back. */
  vanishedSince: Milliseconds | undefined;
}

/**
 * Reads, asks the rules, and swaps, until the store has taken the change or the rules refuse it. What was last seen is tried
 * first without reading it again: the swap proves whether it still stands; but it never refuses or settles anything. A write
 * without an answer is read back: it is known by its operation, or by what the rules make of the record that is there now,
 * never by its content. Throws the store's failure, "record-vanished", "record-full", "rollout-store-busy" after too many
 * conflicts, or the signal's reason.
 */
export async function changeRecord(reader: RecordReader, change: Change, signal: AbortSignal): Promise<Changed> {
  const rounds: Rounds = {
    begun: reader.clock.monotonic(),
    open: new Map(),
    conflicts: 0,
    failures: 0,
    problem: undefined,
    vanishedSince: undefined,
  };
  let known = reader.last();
  for (;;) {
    // Of all that goes wrong, a failure of the store tells more than that the time was over.
    if (signal.aborted) throw rounds.problem ?? signal.reason;
    try {
      const done = await round(reader, change, known, rounds, signal);
      if (done !== undefined) return done;
      known = undefined;
    } catch (thrown) {
      known = undefined;
      await afterFailure(reader, change, thrown, rounds, signal);
    }
  }
}

/** One try; undefined: once more, with what is there then. */
async function round(
  reader: RecordReader,
  { event, by }: Change,
  known: SeenRecord | undefined,
  rounds: Rounds,
  signal: AbortSignal,
): Promise<Changed | undefined> {
  const seen = known ?? (await reader.read(signal));
  const own = seen.record?.writer.operation;
  if (seen.record !== undefined && own !== undefined && rounds.open.has(own)) {
    return { outcome: "written", before: rounds.open.get(own), record: seen.record };
  }
  const operation = reader.random.name();
  const verdict = next(seen.record, event, { host: by, operation, at: reader.clock.wall() });
  if (verdict.verdict !== "write") {
    if (known !== undefined) return undefined;
    if (verdict.verdict === "settled") return { outcome: "settled", record: seen.record };
    return { outcome: "refused", why: verdict.why, record: seen.record, afterUnknown: rounds.open.size > 0 };
  }
  const bytes = encodeRecord(verdict.record, reader.store.place);
  rounds.open.set(operation, seen.record);
  const swap = await reader.store.swap(reader.key, bytes, seen.version, signal);
  if (swap.outcome === "unknown") throw problemOf(swap.problem);
  rounds.open.delete(operation);
  if (swap.outcome === "conflict") return afterConflict(reader, rounds, signal);
  reader.wrote(verdict.record, swap.version);
  return { outcome: "written", before: seen.record, record: verdict.record };
}

async function afterConflict(reader: RecordReader, rounds: Rounds, signal: AbortSignal): Promise<undefined> {
  reader.forget();
  rounds.conflicts += 1;
  if (rounds.conflicts >= conflictWaits.tries) {
    const answer = `others changed the record first, ${rounds.conflicts} times`;
    throw failure("rollout-store-busy", { place: reader.store.place, answer });
  }
  await reader.clock.sleep(retryWait(conflictWaits, rounds.conflicts, reader.random.fraction(), undefined), signal);
}

/** Waits before the next try, or throws what went wrong. */
async function afterFailure(
  reader: RecordReader,
  change: Change,
  thrown: unknown,
  rounds: Rounds,
  signal: AbortSignal,
): Promise<void> {
  reader.forget();
  if (signal.aborted) throw rounds.problem ?? signal.reason;
  const problem = asFailure(thrown);
  const left = patienceLeft(reader, change, problem, rounds);
  if (left <= 0 || rounds.conflicts >= conflictWaits.tries) throw problem;
  rounds.problem = problem;
  rounds.failures += 1;
  const wait = retryWait(failureWaits, rounds.failures, reader.random.fraction(), undefined);
  await reader.clock.sleep(Math.min(wait, left), signal).catch(() => {});
}

/** How much longer this problem is met with another try. */
function patienceLeft({ clock }: RecordReader, change: Change, problem: Failure, rounds: Rounds): Milliseconds {
  const now = clock.monotonic();
  const left = change.patience - (now - rounds.begun);
  const vanished = problem.code === "record-vanished";
  rounds.vanishedSince = vanished ? (rounds.vanishedSince ?? now) : undefined;
  if (rounds.vanishedSince !== undefined) return Math.min(left, oldAnswers - (now - rounds.vanishedSince));
  return problem.passing ? left : 0;
}

function problemOf({ code, sentence, remedy }: FailureNote): Failure {
  return new Failure(code, sentence, remedy);
}
