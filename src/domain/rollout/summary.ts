import type { Milliseconds } from "../duration.ts";
import { isFresh } from "./limit.ts";
import type {
  DeniedDigest,
  FailedAttempt,
  Halt,
  OperatorNote,
  Phase,
  RolloutPlan,
  RolloutRecord,
  RolloutRelease,
  Slot,
} from "./record.ts";
import type { HostReport } from "./report.ts";
import { isOpen } from "./standing.ts";
import type { Waiting } from "./waiting.ts";

/** What `dropship rollout SERVICE` shows, as plain data. */
export interface RolloutSummary {
  readonly phase: Phase;
  readonly release?: RolloutRelease;
  readonly plan: RolloutPlan;
  readonly halt?: Halt;
  /** The last word of an operator. */
  readonly said?: OperatorNote;
  /** What "all" means for this rollout. */
  readonly hosts: number;
  /** The longest held first. */
  readonly slots: readonly HeldSlotSummary[];
  /** Names may be fewer than the count. */
  readonly done: RolloutRecord["ok"];
  readonly reverted: RolloutRecord["reverted"];
  /** Of this release, the latest last. */
  readonly failed: readonly FailedAttempt[];
  readonly aborted: readonly string[];
  readonly denied: readonly DeniedDigest[];
  /** By their own word, as far as they reported lately. */
  readonly waiting: readonly { readonly host: string; readonly waiting: Waiting }[];
  /** Reported once, and not lately; the longest silent first. */
  readonly silent: readonly { readonly host: string; readonly for: Milliseconds }[];
  /** Named in the record, and without any report. */
  readonly unreported: readonly string[];
  /** How many hosts run what, by what they reported last; the most frequent first. */
  readonly running: readonly {
    readonly digest?: string;
    readonly version?: string;
    readonly hosts: readonly string[];
  }[];
}

export interface HeldSlotSummary extends Slot {
  readonly host: string;
  /** By the clocks of two hosts: for people. */
  readonly age: Milliseconds;
}

/** Hosts that are taking the release, or wait for their turn to: also those that were not counted when it began. */
export function stillTaking({ slots, waiting, release }: RolloutSummary): readonly string[] {
  const holders = slots.filter((slot) => isOpen(slot) && slot.digest === release?.digest);
  const inLine = waiting.filter(({ waiting: { why } }) => why === "slots-taken" || why === "canary");
  return [...new Set([...holders, ...inLine].map(({ host }) => host))];
}

/** `now` is wall-clock milliseconds. */
export function summarize(record: RolloutRecord, reports: readonly HostReport[], now: number): RolloutSummary {
  const sorted = [...reports].sort(byHost);
  const { release, halt, said } = record;
  return {
    phase: record.phase,
    ...(release && { release }),
    plan: record.plan,
    ...(halt && { halt }),
    ...(said && { said }),
    hosts: record.hosts,
    slots: slotsOf(record, now),
    done: record.ok,
    reverted: record.reverted,
    failed: record.failed.filter((one) => one.digest === release?.digest),
    aborted: record.aborted,
    denied: record.denied,
    waiting: sorted
      .filter((report) => isFresh(report, now))
      .flatMap(({ host, waiting }) => (waiting === undefined ? [] : [{ host, waiting }])),
    silent: silentOf(sorted, now),
    unreported: unreportedOf(record, sorted),
    running: whoRunsWhat(sorted),
  };
}

function slotsOf(record: RolloutRecord, now: number): readonly HeldSlotSummary[] {
  return Object.entries(record.slots)
    .map(([host, slot]) => ({ ...slot, host, age: Math.max(0, now - slot.since) }))
    .sort((one, other) => other.age - one.age || byHost(one, other));
}

function silentOf(reports: readonly HostReport[], now: number): RolloutSummary["silent"] {
  return reports
    .filter((report) => !isFresh(report, now))
    .map(({ host, at }) => ({ host, for: now - at }))
    .sort((one, other) => other.for - one.for);
}

function unreportedOf(
  { slots, ok, failed, aborted }: RolloutRecord,
  reports: readonly HostReport[],
): readonly string[] {
  const reported = new Set(reports.map(({ host }) => host));
  const named = [...Object.keys(slots), ...ok.hosts, ...failed.map(({ host }) => host), ...aborted];
  return [...new Set(named)].filter((host) => !reported.has(host)).sort();
}

/** The most frequent first. */
export function whoRunsWhat(reports: readonly HostReport[]): RolloutSummary["running"] {
  const groups = Map.groupBy(reports, ({ running }) => running?.digest);
  return [...groups]
    .map(([digest, group]) => {
      const version = group.find(({ running }) => running?.version !== undefined)?.running?.version;
      return {
        ...(digest !== undefined && { digest }),
        ...(version !== undefined && { version }),
        hosts: group.map(({ host }) => host),
      };
    })
    .sort((one, other) => other.hosts.length - one.hosts.length);
}

function byHost(one: { readonly host: string }, other: { readonly host: string }): number {
  if (one.host === other.host) return 0;
  return one.host < other.host ? -1 : 1;
}
