import { asFailure, Failure, failure } from "../domain/failures/failure.ts";
import type { Store, Swap, Versioned } from "../drivers/stores/store.ts";
import type { Random } from "../platform/ports.ts";
import type { Space } from "./keys.ts";

/** What one check of a store came to. */
export interface CheckResult {
  readonly check: string;
  readonly passed: boolean;
  /** What the store did instead; empty when it passed. */
  readonly observed: string;
}

/** How many write at once: enough that a store without a real condition lets two of them through. */
const crowd = 32;
const decoder = new TextDecoder();

/** What a check works with: fresh keys of its own, and values of which no two are alike. */
interface Bench {
  key(): string;
  read(key: string): Promise<Versioned | undefined>;
  swap(key: string, value: Value, version: string | undefined): Promise<Swap>;
  value(): Value;
}

interface Value {
  readonly text: string;
  readonly bytes: Uint8Array;
}

/** Resolves with what was wrong; undefined when all was as it must be. */
type Check = (bench: Bench) => Promise<string | undefined>;

/** All that the safety of a rollout asks of a store, by the names under which a store is refused. */
const checks: Readonly<Record<string, Check>> = {
  "create when absent": createWhenAbsent,
  "no create over a present value": noCreateOverPresent,
  "a swap at the present version": swapAtPresent,
  "a new version with each write": newVersionEachWrite,
  "no swap at an old version": noSwapAtOld,
  "no swap where nothing is": noSwapWhereNothing,
  [`one winner of ${crowd} creates at once`]: oneCreateWins,
  [`one winner of ${crowd} swaps at once`]: oneSwapWins,
  "a read sees the last write": readSeesLastWrite,
};

export const checkNames: readonly string[] = Object.keys(checks);

/**
 * Tries every promise of a store on keys of its own beside the record, and removes them again; about 130 requests. Rejects
 * when the store does not answer: that proves nothing. The caller's signal bounds it in time.
 */
export async function probeStore(
  store: Store,
  space: Space,
  random: Random,
  signal: AbortSignal,
): Promise<readonly CheckResult[]> {
  const keys: string[] = [];
  const bench = benchOf(store, `${space.probe}${random.name()}`, keys, random, signal);
  try {
    const results: CheckResult[] = [];
    for (const [check, run] of Object.entries(checks)) {
      const observed = await run(bench).catch(incapacity);
      results.push({ check, passed: observed === undefined, observed: observed ?? "" });
    }
    return results;
  } finally {
    // What cannot be removed stays: it is small, and nobody reads it. Removed even if the probe was given up.
    const never = new AbortController().signal;
    await Promise.allSettled(keys.map((key) => store.remove(key, never)));
  }
}

/** Throws "rollout-store-unfit" with the first check that failed. */
export function requireFit(place: string, results: readonly CheckResult[]): void {
  const miss = results.find((result) => !result.passed);
  if (miss !== undefined) throw failure("rollout-store-unfit", { place, check: miss.check, observed: miss.observed });
}

function benchOf(store: Store, prefix: string, keys: string[], random: Random, signal: AbortSignal): Bench {
  return {
    key() {
      // No folder of its own, which would be left in a folder; and none is the beginning of another.
      const key = `${prefix}-${String(keys.length + 1).padStart(3, "0")}`;
      keys.push(key);
      return key;
    },
    read: (key) => store.read(key, signal),
    async swap(key, value, version) {
      signal.throwIfAborted();
      return store.swap(key, value.bytes, version, signal);
    },
    value() {
      const text = `left by a probe: ${random.name()}`;
      return { text, bytes: new TextEncoder().encode(text) };
    },
  };
}

/** A check that such an answer ends has shown nothing: it must not count as passed. */
const refusedPresent = "the store refused the version that it had just given out";

async function createWhenAbsent(bench: Bench): Promise<string | undefined> {
  const key = bench.key();
  const value = bench.value();
  const made = await certain(bench.swap(key, value, undefined));
  if (made.outcome !== "swapped") return "the store said that something is there already";
  return differs(value, await bench.read(key));
}

async function noCreateOverPresent(bench: Bench): Promise<string | undefined> {
  const { key, value } = await created(bench);
  const again = await certain(bench.swap(key, bench.value(), undefined));
  if (again.outcome === "swapped") return "a second create was accepted";
  return differs(value, await bench.read(key));
}

async function swapAtPresent(bench: Bench): Promise<string | undefined> {
  const { key, version } = await created(bench);
  const value = bench.value();
  const swapped = await certain(bench.swap(key, value, version));
  if (swapped.outcome !== "swapped") return refusedPresent;
  return differs(value, await bench.read(key));
}

async function newVersionEachWrite(bench: Bench): Promise<string | undefined> {
  const { key, version } = await created(bench);
  const seen = new Set([version]);
  for (let turn = 0, present = version; turn < 3; turn += 1) {
    const swapped = await certain(bench.swap(key, bench.value(), present));
    if (swapped.outcome !== "swapped") return refusedPresent;
    if (seen.has(swapped.version)) return "a write left the version as it had been before";
    seen.add(swapped.version);
    present = swapped.version;
  }
  return undefined;
}

async function noSwapAtOld(bench: Bench): Promise<string | undefined> {
  const { key, value, version } = await created(bench);
  const versions = [version];
  let last = value;
  for (let turn = 0; turn < 2; turn += 1) {
    last = bench.value();
    const swapped = await certain(bench.swap(key, last, versions.at(-1)));
    if (swapped.outcome !== "swapped") return refusedPresent;
    versions.push(swapped.version);
  }
  for (const old of versions.slice(0, -1)) {
    const late = await certain(bench.swap(key, bench.value(), old));
    if (late.outcome === "swapped") return "a write at a version that was gone was accepted";
  }
  return differs(last, await bench.read(key));
}

async function noSwapWhereNothing(bench: Bench): Promise<string | undefined> {
  const { version } = await created(bench);
  const empty = bench.key();
  const swapped = await certain(bench.swap(empty, bench.value(), version).catch(lastingRefusal));
  if (swapped.outcome === "swapped") return "a write at a version was accepted where there was no value";
  return (await bench.read(empty)) === undefined ? undefined : "the refused value was there afterwards";
}

async function oneCreateWins(bench: Bench): Promise<string | undefined> {
  return crowdAt(bench, bench.key(), undefined);
}

async function oneSwapWins(bench: Bench): Promise<string | undefined> {
  const { key, version } = await created(bench);
  return crowdAt(bench, key, version);
}

async function readSeesLastWrite(bench: Bench): Promise<string | undefined> {
  const { key, version } = await created(bench);
  for (let turn = 0, present = version; turn < 8; turn += 1) {
    const value = bench.value();
    const swapped = await certain(bench.swap(key, value, present));
    if (swapped.outcome !== "swapped") return refusedPresent;
    const read = await bench.read(key);
    const wrong = differs(value, read);
    if (wrong !== undefined) return wrong;
    if (read?.version !== swapped.version) return "the read gave another version than the write";
    present = swapped.version;
  }
  return undefined;
}

/** All write at one version: one is taken, and it is the one that stands there. */
async function crowdAt(bench: Bench, key: string, version: string | undefined): Promise<string | undefined> {
  const values = Array.from({ length: crowd }, () => bench.value());
  const answers = await Promise.all(values.map((value) => bench.swap(key, value, version).catch(passingRefusal)));
  const winners = values.filter((_, place) => answers[place]?.outcome === "swapped");
  const open = answers.find((answer) => answer.outcome === "unknown");
  if (winners.length > 1) return `${winners.length} were accepted`;
  const [winner] = winners;
  if (winner !== undefined) return differs(winner, await bench.read(key));
  if (open?.outcome === "unknown") throw unanswered(open);
  return "none was accepted";
}

async function created(bench: Bench): Promise<{ key: string; value: Value; version: string }> {
  const key = bench.key();
  const value = bench.value();
  const made = await certain(bench.swap(key, value, undefined));
  if (made.outcome === "swapped") return { key, value, version: made.version };
  // A store that inverts its conditions: the checks after the first need a value all the same.
  const read = await bench.read(key);
  return { key, value, version: read?.version ?? "" };
}

function differs(expected: Value, read: Versioned | undefined): string | undefined {
  if (read === undefined) return "the value was not there afterwards";
  return decoder.decode(read.bytes) === expected.text ? undefined : "another value was there afterwards";
}

type Certain = Exclude<Swap, { outcome: "unknown" }>;

/** An answer; without one, nothing is proved either way. */
async function certain(asked: Promise<Swap>): Promise<Certain> {
  const answer = await asked;
  if (answer.outcome === "unknown") throw unanswered(answer);
  return answer;
}

function unanswered({ problem }: Extract<Swap, { outcome: "unknown" }>): Failure {
  return new Failure(problem.code, problem.sentence, problem.remedy);
}

/** A store that says itself that it cannot fails the check in which it does. */
function incapacity(thrown: unknown): string {
  if (asFailure(thrown).code !== "rollout-store-incapable") throw thrown;
  return "the store says that it cannot write on a condition";
}

/** A store may ask for patience when so many write at once: then this one did nothing. */
function passingRefusal(thrown: unknown): Swap {
  const refusal = asFailure(thrown);
  if (!refusal.passing) throw thrown;
  return { outcome: "unknown", problem: refusal.note };
}

/** Some stores answer "no such key" instead of a conflict: nothing was written, which is all that is asked. */
function lastingRefusal(thrown: unknown): Swap {
  if (asFailure(thrown).passing) throw thrown;
  return { outcome: "conflict" };
}
