import type { RolloutEvent, SlotOutcome } from "../../../src/domain/rollout/events.ts";
import type { RolloutPlan, RolloutRecord } from "../../../src/domain/rollout/record.ts";
import { type Books, emptyBooks } from "./books.ts";

/**
 * A fleet around one record, as small as the rules allow: machines that follow uploads, a store that swaps at a version, messages
 * that arrive late or whose answer is lost, observers and operators. Every world lists its `moves`; a search takes them all, a
 * property test some. What the rules promise is checked from the model's own books, not from what the record says of itself.
 */
export interface World {
  readonly fleet: Fleet;
  readonly record?: RolloutRecord;
  readonly machines: readonly Machine[];
  /** Writes on their way, made at the present version: any other write makes them miss. */
  readonly flights: readonly Flight[];
  /** The last upload, by its place in `fleet.uploads`. */
  readonly uploaded: number;
  readonly books: Books;
  readonly sent: readonly RolloutEvent[];
  /** Of attempts, so that their names are new. */
  readonly begun: number;
}

export interface Fleet {
  readonly uploads: readonly Upload[];
  readonly plan: RolloutPlan;
  /** What may happen beside machines doing their work. */
  readonly losses: boolean;
  readonly aborts: boolean;
  readonly breaks: boolean;
  readonly operators: boolean;
  readonly deaths: number;
  /** So many writes may be on their way at once. */
  readonly flights: number;
  /** So many of the last events may be sent once more, at any time: by a process that was slow, or a report that was owed. */
  readonly echoes: number;
}

export interface Upload {
  readonly digest: string;
  readonly order?: number;
  /** What its order counts in: another channel. */
  readonly line?: string;
  /** Half of the hosts had it before and found it good. */
  readonly proven?: boolean;
  /** mixed: it may turn out either way on every host. */
  readonly quality: "good" | "bad" | "mixed";
}

export interface Machine {
  /** Clones share it. */
  readonly host: string;
  readonly stage: "idle" | "acquiring" | "holding" | "fenced" | "reporting";
  readonly attempt: string;
  readonly digest: string;
  readonly outcome: SlotOutcome;
  readonly purpose: "update" | "revert";
  readonly running: string;
  /** What ran before that: where a revert goes. */
  readonly before: string;
  /** What it found bad by itself. */
  readonly refused: readonly string[];
  /** Between acquire and finish, by its own deeds. */
  readonly inside: boolean;
  /** Somebody freed its slot over its head: an operator, or its clone. */
  readonly disowned: boolean;
  /** The largest limit since it came inside. */
  readonly limit: number;
  readonly dead: boolean;
}

export interface Flight {
  readonly machine: number;
  readonly event: RolloutEvent;
}

export interface Move {
  readonly name: string;
  take(): World;
}

/** What runs on every host in the beginning: no upload of the fleet. */
export const nothing = "0".repeat(64);

export function newWorld(fleet: Fleet, hosts: readonly string[]): World {
  const machines = hosts.map(
    (host): Machine => ({
      host,
      stage: "idle",
      attempt: "",
      digest: "",
      outcome: "ok",
      purpose: "update",
      running: nothing,
      before: nothing,
      refused: [],
      inside: false,
      disowned: false,
      limit: 0,
      dead: false,
    }),
  );
  return { fleet, machines, flights: [], uploaded: 0, books: emptyBooks, sent: [], begun: 0 };
}
