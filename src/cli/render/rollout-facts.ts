import type { RolloutPlan } from "../../domain/rollout/record.ts";
import { counted, formatCount } from "../../domain/rollout/some-names.ts";
import type { RolloutSummary } from "../../domain/rollout/summary.ts";
import type { WaitingReason } from "../../domain/rollout/waiting.ts";
import type { RolloutView } from "../fleet-view.ts";
import type { Screen } from "../screen.ts";
import { type Fact, factRoom } from "./facts.ts";
import { namesWithin } from "./names.ts";
import { formatPeriod } from "./time.ts";
import { contentName } from "./words.ts";

/** How much is shown. */
export interface Room {
  /** Columns for one list of names. */
  readonly room: number;
  /** Lines of one kind. */
  readonly most: number;
}

/** `all`: as much as there is. */
export function roomFor({ columns }: Screen, width: number, all: boolean): Room {
  const endless = Number.POSITIVE_INFINITY;
  return all ? { room: endless, most: endless } : { room: factRoom(width, columns), most: 5 };
}

export function planText({ limit, canary, failureBudget, abortBudget, onHalt }: RolloutPlan, hosts: number): string {
  const first = canary === 1 ? "1 canary" : `${formatCount(canary)} canaries`;
  const failures = counted(failureBudget + 1, "failure");
  const back = onHalt === "revert" ? ", and then goes back" : "";
  return `${formatCount(limit)} of ${formatCount(hosts)} at a time, ${first}; halts at ${failures}, or when ${formatCount(abortBudget + 1)} give up${back}`;
}

/** Which hosts did what, and which are waited for. */
export function hostFacts(summary: RolloutSummary, { room, most }: Room): readonly Fact[] {
  const list: List = (names, { count = names.length, what = "" } = {}) => {
    if (count === 0) return "";
    const head = `${formatCount(count)}${what}`;
    return names.length === 0 ? head : `${head}: ${namesWithin(names, room - head.length - 2, count)}`;
  };
  const { done, reverted, aborted, silent, unreported } = summary;
  return [
    { name: "done", value: list(done.hosts, { count: done.count }), style: "green" },
    { name: "went back", value: list(reverted.hosts, { count: reverted.count }), style: "yellow" },
    ...lines("failed", failedLines(summary), most),
    { name: "gave up", value: list(aborted), style: "yellow" },
    ...waitingFacts(summary, list),
    { name: "silent", value: list(silent.map((one) => `${one.host} (for ${formatPeriod(one.for)})`)), style: "yellow" },
    { name: "no report", value: list(unreported) },
    ...lines("refused", refusedLines(summary), most),
  ];
}

/** The latest first. */
function failedLines({ failed }: RolloutSummary): readonly string[] {
  return failed.toReversed().map(({ host, reason, acknowledged }) => {
    const past = acknowledged === true ? " (acknowledged: it no longer counts)" : "";
    return `${host}: ${reason}${past}`;
  });
}

/** Of the release on offer the halt tells already. */
function refusedLines({ denied, release, halt }: RolloutSummary): readonly string[] {
  const others = denied.filter(({ digest }) => halt === undefined || digest !== release?.digest);
  return others.toReversed().map(({ digest, reason }) => `${digest.slice(0, 12)}: ${reason}`);
}

function lines(name: string, values: readonly string[], most: number): readonly Fact[] {
  const facts = values.slice(0, most).map((value, at): Fact => ({ name: at === 0 ? name : "", value, style: "red" }));
  const more = values.length - facts.length;
  return more > 0 ? [...facts, { name: "", value: `and ${formatCount(more)} more` }] : facts;
}

const waitingWords: Readonly<Record<WaitingReason, string>> = {
  "slots-taken": "for a slot",
  canary: "for the canaries",
  halted: "while it is halted",
  paused: "while it is paused",
  denied: "with a content that is refused",
  outdated: "with an older upload",
  "slots-open": "for the release before to end",
  "not-mine": "for a slot that is held in their name",
  window: "for their window",
  store: "for the store to answer",
  "record-vanished": "for a record that went back",
};

/** `21 for a slot: web-1, web-2 and 19 more` */
type List = (names: readonly string[], more?: { readonly count?: number; readonly what?: string }) => string;

function waitingFacts({ waiting }: RolloutSummary, list: List): readonly Fact[] {
  const groups = [...Map.groupBy(waiting, (one) => one.waiting.why)].sort(
    ([, one], [, other]) => other.length - one.length,
  );
  return groups.map(([why, those], at) => {
    const names = those.map(({ host }) => host);
    return { name: at === 0 ? "waiting" : "", value: list(names, { what: ` ${waitingWords[why]}` }) };
  });
}

/** How many hosts run what. */
export function runningFacts({ running }: RolloutView, { room, most }: Room): readonly Fact[] {
  const facts = running.slice(0, most).map(({ digest, version, hosts }, at): Fact => {
    const what = digest === undefined ? "nothing yet" : contentName({ digest, ...(version && { version }) });
    const head = `${what} on ${counted(hosts.length, "host")}: `;
    return { name: at === 0 ? "running" : "", value: head + namesWithin(hosts, room - head.length) };
  });
  const more = running.length - facts.length;
  return more > 0 ? [...facts, { name: "", value: `and ${formatCount(more)} other releases` }] : facts;
}
