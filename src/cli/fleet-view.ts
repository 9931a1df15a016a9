import type { FleetDesk } from "../agent/fleet-desk.ts";
import type { Milliseconds } from "../domain/duration.ts";
import type { FailureNote } from "../domain/failures/failure.ts";
import { forecast } from "../domain/rollout/forecast.ts";
import { type NextStep, outlookOf } from "../domain/rollout/outlook.ts";
import { type Prospect, prospectOf } from "../domain/rollout/prospect.ts";
import type { HostReport } from "../domain/rollout/report.ts";
import { type RolloutSummary, summarize, whoRunsWhat } from "../domain/rollout/summary.ts";
import { shellWord } from "../domain/shell-word.ts";
import type { RolloutSight } from "../rollout/watch-rollout.ts";

/** A rollout as `dropship rollout SERVICE` shows it. */
export interface RolloutView {
  readonly service: string;
  readonly group: string;
  /** Where its hosts meet. */
  readonly place: string;
  readonly safety: FleetDesk["safety"];
  /** The number of the record; 0: there is none. */
  readonly seq: number;
  readonly summary?: RolloutSummary;
  /** When the holders of slots gave their last sign of life, by their own clocks. */
  readonly beats: readonly { readonly host: string; readonly at: number }[];
  readonly reports: readonly HostReport[];
  readonly running: RolloutSummary["running"];
  readonly next: readonly NextStep[];
  /** Until it is complete, if all goes well and by how long hosts took before. */
  readonly left?: Milliseconds;
  /** Why this is not how it is now. */
  readonly problem?: FailureNote;
}

/** What a command is to name it by: the service, and the group where it is not that of the configuration. */
export function targetOf({ service, group }: Pick<FleetDesk, "service" | "group">): string {
  const name = shellWord(service.name);
  return group === service.rollout.group ? name : `${name} --group ${shellWord(group)}`;
}

export function viewOf(desk: FleetDesk, sight: RolloutSight, now: number): RolloutView {
  const { service, group, place, safety } = desk;
  const { record, reports, beats, problem } = sight;
  const view = {
    service: service.name,
    group,
    place,
    safety,
    seq: record?.seq ?? 0,
    beats: beats.map(({ host, at }) => ({ host, at })),
    reports,
    running: whoRunsWhat(reports),
    ...(problem && { problem: problem.note }),
  };
  if (record === undefined) return { ...view, next: [unbegun] };
  const summary = summarize(record, reports, now);
  const { rollout, bake } = service;
  const prospect = prospectOf({ record, reports, rollout, bake, pace: desk.pace, now });
  const names = { service: shellWord(service.name), target: targetOf(desk) };
  const left = leftOf(record.phase, prospect);
  return {
    ...view,
    summary,
    next: outlookOf({ ...names, record, summary, prospect }),
    ...(left !== undefined && { left }),
  };
}

const unbegun: NextStep = {
  sentence: "It begins with the first upload that a host with this configuration sees.",
};

/** Nothing is said that is not known from earlier updates. */
function leftOf(phase: RolloutSummary["phase"], { assumed, question }: Prospect): Milliseconds | undefined {
  const moving = phase === "canary" || phase === "rolling";
  if (!moving || assumed || question.hosts.length === 0) return undefined;
  const { total, unreached } = forecast(question);
  return unreached.length === 0 ? total : undefined;
}
