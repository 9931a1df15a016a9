import type { Milliseconds } from "../duration.ts";
import type { RolloutPlan } from "./record.ts";

/** What a rollout is expected to take, from how long hosts took before. Moments count from now. */
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
  /** For a host of which nothing is known. */
  readonly otherwise: Milliseconds;
  /** The first moment from this one on at which a host may begin; infinite: there is none. */
  readonly opens: (at: Milliseconds) => Milliseconds;
}

export interface HostForecast {
  readonly host: string;
  readonly start: Milliseconds;
  readonly end: Milliseconds;
  readonly canary: boolean;
  /** Its duration is its own history's, not that of the others. */
  readonly known: boolean;
}

export interface Forecast {
  /** In the order in which they begin. */
  readonly hosts: readonly HostForecast[];
  readonly total: Milliseconds;
  /** Hosts that never begin, because stuck slots are all there are, or no window opens. */
  readonly unreached: readonly string[];
}

/** Everything goes well. */
export function forecast(question: ForecastQuestion): Forecast {
  const { begun } = simulate(question, Number.POSITIVE_INFINITY);
  return {
    hosts: begun,
    total: begun.reduce((latest, { end }) => Math.max(latest, end), 0),
    unreached: question.hosts.slice(begun.length),
  };
}

export interface WorstCase {
  /** The release is bad on the host at this place (from 0) and on every one that begins after it. */
  readonly place: number;
  readonly host: string;
  /** Undefined: so many failures are within the budget. */
  readonly haltsAt?: Milliseconds;
  /** Have the release in the end; with `onHalt = "revert"` they go back, too. */
  readonly onRelease: readonly string[];
  /** Took it and went back. */
  readonly wentBack: readonly string[];
  /** Never took it. */
  readonly untouched: readonly string[];
}

/** How far does a release get that is bad from the host at this place on? Undefined: no host begins there. */
export function worstCase(question: ForecastQuestion, place: number): WorstCase | undefined {
  const { begun, haltsAt } = simulate(question, place);
  const names = begun.map(({ host }) => host);
  const host = names[place];
  if (host === undefined) return undefined;
  return {
    place,
    host,
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

interface Running {
  readonly end: Milliseconds;
  readonly bad: boolean;
}

/** Hands out slots as the rules do: whoever ends makes room for the next, where a window is open. */
function simulate(question: ForecastQuestion, firstBad: number): Run {
  const { hosts, plan, durations, otherwise } = question;
  const begun: HostForecast[] = [];
  let running: readonly Running[] = [];
  let [now, ok, failures] = [0, question.done, 0];
  for (;;) {
    const open = question.opens(now);
    let host = hosts[begun.length];
    for (; host !== undefined && open <= now && hasRoom(question, running.length, ok); host = hosts[begun.length]) {
      const own = durations.get(host);
      const end = now + (own ?? otherwise);
      running = [...running, { end, bad: begun.length >= firstBad }];
      begun.push({ host, start: now, end, canary: ok < plan.canary, known: own !== undefined });
    }
    const waitsForWindow = host !== undefined && hasRoom(question, running.length, ok);
    now = Math.min(...running.map(({ end }) => end), waitsForWindow ? open : Number.POSITIVE_INFINITY);
    if (now === Number.POSITIVE_INFINITY) return { begun };
    const ended = running.filter(({ end }) => end <= now);
    running = running.filter(({ end }) => end > now);
    failures += ended.filter(({ bad }) => bad).length;
    ok += ended.filter(({ bad }) => !bad).length;
    if (failures > plan.failureBudget) return { begun, haltsAt: now };
  }
}

function hasRoom({ plan, stuck }: ForecastQuestion, running: number, ok: number): boolean {
  const most = ok < plan.canary ? Math.min(plan.limit, plan.canary - ok) : plan.limit;
  return running + stuck < most;
}
