import type { Milliseconds } from "../duration.ts";
import type { RolloutDeclaration } from "../service.ts";
import type { ForecastQuestion } from "./forecast.ts";
import { isFresh, planOf } from "./limit.ts";
import { openingsOf } from "./openings.ts";
import type { RolloutPlan, RolloutRecord, Slot } from "./record.ts";
import type { HostReport } from "./report.ts";
import { harm, isDenied, isOpen, slotsTaken } from "./standing.ts";
import { inTurn } from "./turn-order.ts";

/** What there is to know of a rollout before it ends, or begins. */
export interface ProspectSources {
  readonly record: RolloutRecord | undefined;
  readonly reports: readonly HostReport[];
  readonly rollout: RolloutDeclaration;
  /** How long a healthy release is watched. */
  readonly bake: Milliseconds;
  /** How long the next host takes to hear of a free slot, about. */
  readonly pace: Milliseconds;
  /** Wall-clock milliseconds. */
  readonly now: number;
  /** The content that is to be rolled out; undefined: what is on its way, or wanted by hosts, or any. */
  readonly digest?: string | undefined;
}

/** What lies ahead of a fleet. */
export interface Prospect {
  /** under-way: the rollout in the record. wanted: hosts have seen its upload. given: by its digest. next: whatever comes. */
  readonly subject: "under-way" | "wanted" | "given" | "next";
  /** Undefined: it is not known yet, and so is the order. */
  readonly release?: { readonly digest: string; readonly version?: string };
  readonly plan: RolloutPlan;
  /** What "all" means. */
  readonly fleet: number;
  readonly question: ForecastQuestion;
  /** Nothing is known of how long any host takes. */
  readonly assumed: boolean;
  /** Hold a slot already. */
  readonly holders: readonly string[];
  /** Not lately heard of, and so not counted in. */
  readonly silent: readonly string[];
  /** Refuse the release, for it went bad on them. */
  readonly refusing: readonly string[];
}

/** Hooks and health checks of a host of which nothing is known. */
const unknownWork: Milliseconds = 60_000;

export function prospectOf(sources: ProspectSources): Prospect {
  const { record, reports, rollout, now } = sources;
  const fresh = reports.filter((report) => isFresh(report, now));
  const about = subjectOf(sources, fresh);
  const digest = about.release?.digest;
  const begun = about.subject === "under-way" ? record : undefined;
  const plan = begun?.plan ?? planOf(rollout, fresh.length);
  const { typical, ...times } = timesOf(sources, begun, fresh);
  const holders = begun === undefined ? [] : holdersOf(begun).map(([host]) => host);
  const refusing = refusingOf(begun, fresh);
  const needing = needingOf(digest, fresh, [...holders, ...refusing, ...(begun?.ok.hosts ?? [])]);
  return {
    ...about,
    plan,
    fleet: begun?.hosts ?? fresh.length,
    question: {
      ...times,
      hosts: [...holders, ...inTurn(needing, digest ?? "")],
      done: begun?.ok.count ?? fresh.length - needing.length,
      stuck: record === undefined ? 0 : slotsTaken(record) - openOf(record).length,
      plan: { ...plan, failureBudget: Math.max(0, plan.failureBudget - (begun ? harm(begun) : 0)) },
      opens: openingsOf(rollout.windows, now),
    },
    assumed: typical === undefined,
    holders,
    silent: reports.filter((report) => !isFresh(report, now)).map(({ host }) => host),
    refusing,
  };
}

/** A host on which it went bad leaves it alone, also after "resume"; after "retry" it wants it again. */
function refusingOf(begun: RolloutRecord | undefined, fresh: readonly HostReport[]): readonly string[] {
  const digest = begun?.release?.digest;
  const failed = begun?.failed.filter((one) => one.digest === digest).map(({ host }) => host) ?? [];
  const wanting = new Set(fresh.filter(({ wanted }) => wanted === digest).map(({ host }) => host));
  return [...new Set(failed)].filter((host) => !wanting.has(host) && !begun?.ok.hosts.includes(host));
}

/** Those that run another content, or are asked about any. */
function needingOf(
  digest: string | undefined,
  fresh: readonly HostReport[],
  others: readonly string[],
): readonly string[] {
  const out = new Set(others);
  return fresh
    .filter(({ host, running }) => !out.has(host) && (digest === undefined || running?.digest !== digest))
    .map(({ host }) => host);
}

/** How long hosts take; those that hold a slot already, what is left of it. */
function timesOf(sources: ProspectSources, begun: RolloutRecord | undefined, fresh: readonly HostReport[]) {
  const held = heldOf(sources, fresh);
  const typical = medianOf([...held.values()]);
  const otherwise = typical ?? unknownWork + sources.bake + sources.pace;
  const left = (begun === undefined ? [] : holdersOf(begun)).map(
    ([host, { since }]) => [host, leftOf(held.get(host) ?? otherwise, sources.now - since)] as const,
  );
  return { durations: new Map([...held, ...left]), otherwise, typical };
}

function subjectOf(
  { record, digest }: ProspectSources,
  fresh: readonly HostReport[],
): Pick<Prospect, "subject" | "release"> {
  const release = record?.release;
  const underWay = record !== undefined && release !== undefined && record.phase !== "complete";
  if (underWay && (digest === undefined || digest === release.digest)) {
    const version = release.version === undefined ? {} : { version: release.version };
    return { subject: "under-way", release: { digest: release.digest, ...version } };
  }
  if (digest !== undefined) return { subject: "given", release: { digest } };
  const wanted = fresh.flatMap((report) => report.wanted ?? []);
  const [first] = [...Map.groupBy(wanted, (one) => one)]
    .filter(([one]) => one !== release?.digest && !(record && isDenied(record, one)))
    .sort(([, one], [, other]) => other.length - one.length);
  return first === undefined ? { subject: "next" } : { subject: "wanted", release: { digest: first[0] } };
}

/** From the slot to the outcome and on to the next host, where an update went well; never less than the bake of today. */
function heldOf({ bake, pace }: ProspectSources, fresh: readonly HostReport[]): ReadonlyMap<string, Milliseconds> {
  const known = fresh.flatMap(({ host, usual }) =>
    usual === undefined ? [] : [[host, Math.max(usual, bake) + pace] as const],
  );
  return new Map(known);
}

function openOf(record: RolloutRecord): readonly [string, Slot][] {
  return Object.entries(record.slots).filter(([, slot]) => isOpen(slot));
}

/** The longest held first. */
function holdersOf(record: RolloutRecord): readonly [string, Slot][] {
  return [...openOf(record)].sort(([, one], [, other]) => one.since - other.since);
}

/** A host that takes longer than it ever did may end at any moment. */
function leftOf(whole: Milliseconds, spent: Milliseconds): Milliseconds {
  return Math.max(1000, whole - Math.max(0, spent));
}

function medianOf(values: readonly Milliseconds[]): Milliseconds | undefined {
  const sorted = [...values].sort((one, other) => one - other);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? undefined : Math.round((lower + upper) / 2);
}
