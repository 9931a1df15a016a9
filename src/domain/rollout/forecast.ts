import type { Milliseconds } from "../duration.ts";
import type { RolloutPlan } from "./record.ts";

/** What a rollout is expected to take, from how long hosts took before. */
export interface ForecastQuestion {
  /** Those that still need the release, in the order of their turns. */
  readonly hosts: readonly string[];
  /** How many have it already. */
  readonly done: number;
  /** Slots that are taken and will not come free: lost and broken ones. */
  readonly stuck: number;
  readonly plan: Pick<RolloutPlan, "limit" | "canary" | "failureBudget">;
  /** From the slot to the outcome, by host, as far as it is known. */
  readonly durations: ReadonlyMap<string, Milliseconds>;
  /** For all, when nothing is known of any. */
  readonly otherwise: Milliseconds;
}

export interface HostForecast {
  readonly host: string;
  /** From the beginning of the rollout. */
  readonly start: Milliseconds;
  readonly end: Milliseconds;
  readonly canary: boolean;
  /** Its duration is its own history's, not the typical one. */
  readonly known: boolean;
}

export interface Forecast {
  /** In the order in which they begin. */
  readonly hosts: readonly HostForecast[];
  readonly total: Milliseconds;
  /** What a host takes of which nothing is known: the median of the others. */
  readonly typical: Milliseconds;
  /** Hosts that never get a slot, because stuck ones take them all. */
  readonly unreached: readonly string[];
}

/** Everything goes well. */
export function forecast(question: ForecastQuestion): Forecast {
  const run = simulate(question, Number.POSITIVE_INFINITY);
  return {
    hosts: run.begun,
    total: run.begun.reduce((latest, { end }) => Math.max(latest, end), 0),
    typical: typicalOf(question),
    unreached: question.hosts.slice(run.begun.length),
  };
}

export interface WorstCase {
  /** Whether the failures are more than the budget. */
  readonly halts: boolean;
  readonly haltsAt?: Milliseconds;
  /** Have the release in the end; with `onHalt = "revert"` they go back, too. */
  readonly onRelease: readonly string[];
  /** Took it and went back. */
  readonly wentBack: readonly string[];
  /** Never took it. */
  readonly untouched: readonly string[];
}

/** The release is bad on the host at this place (from 0) and on every one that begins after it: how far does it get? */
export function worstCase(question: ForecastQuestion, place: number): WorstCase {
  const { begun, haltsAt } = simulate(question, place);
  const names = begun.map(({ host }) => host);
  return {
    halts: haltsAt !== undefined,
    ...(haltsAt !== undefined && { haltsAt }),
    onRelease: names.slice(0, place),
    wentBack: names.slice(place),
    untouched: question.hosts.slice(names.length),
  };
}

interface Run {
  readonly begun: readonly HostForecast[];
  readonly haltsAt?: Milliseconds;
}

/** Hands out slots as the rules do: whoever ends makes room for the next. */
function simulate(question: ForecastQuestion, firstBad: number): Run {
  const { hosts, plan, stuck } = question;
  const typical = typicalOf(question);
  const begun: HostForecast[] = [];
  let running: { readonly end: Milliseconds; readonly bad: boolean }[] = [];
  let [now, ok, failures] = [0, question.done, 0];
  for (;;) {
    for (const host of hosts.slice(begun.length)) {
      const canary = ok < plan.canary;
      const room = Math.min(plan.limit, canary ? plan.canary - ok : plan.limit) - stuck;
      if (running.length >= room) break;
      const own = question.durations.get(host);
      const end = now + (own ?? typical);
      running.push({ end, bad: begun.length >= firstBad });
      begun.push({ host, start: now, end, canary, known: own !== undefined });
    }
    const first = running.reduce((least, { end }) => Math.min(least, end), Number.POSITIVE_INFINITY);
    if (first === Number.POSITIVE_INFINITY) return { begun };
    now = first;
    const ended = running.filter(({ end }) => end === first);
    running = running.filter(({ end }) => end !== first);
    failures += ended.filter(({ bad }) => bad).length;
    ok += ended.filter(({ bad }) => !bad).length;
    if (failures > plan.failureBudget) return { begun, haltsAt: now };
  }
}

function typicalOf({ durations, otherwise }: ForecastQuestion): Milliseconds {
  const sorted = [...durations.values()].sort((one, other) => one - other);
  const upper = sorted[Math.floor(sorted.length / 2)];
  const lower = sorted[Math.floor((sorted.length - 1) / 2)];
  return upper === undefined || lower === undefined ? otherwise : Math.round((lower + upper) / 2);
}
