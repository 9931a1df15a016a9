import type { NextStep } from "../../domain/rollout/outlook.ts";
import { formatCount } from "../../domain/rollout/some-names.ts";
import type { RolloutView } from "../fleet-view.ts";
import type { Screen } from "../screen.ts";
import type { FleetGlance } from "../show-fleets.ts";
import { renderNextSteps } from "./next-steps.ts";
import { drawBar } from "./progress-bar.ts";
import { phaseStyles } from "./rollout.ts";
import { type Cell, renderTable } from "./table.ts";
import { formatWhen } from "./time.ts";
import { contentName } from "./words.ts";

const columns = [
  { title: "SERVICE", flexible: true },
  { title: "GROUP", flexible: true },
  { title: "PHASE" },
  { title: "" },
  { title: "DONE", right: true },
  { title: "SLOTS", right: true },
  { title: "FAILED", right: true },
  { title: "SILENT", right: true },
  { title: "RELEASE", flexible: true },
  { title: "BEGUN" },
];

/** Coordinated services one a line; below them what cannot be told, and what needs a person. */
export function renderFleets(glances: readonly FleetGlance[], now: number, screen: Screen): string {
  const rows = glances.map((one) =>
    "view" in one
      ? rowOf(one.view, now, screen)
      : [bold(one.service), { text: "" }, { text: "unknown", style: "red" as const }],
  );
  const troubles = glances.flatMap(troublesOf);
  const below = troubles.length > 0 ? ["", ...renderNextSteps(troubles, screen)] : [];
  return [renderTable(columns, rows, screen), ...below].join("\n");
}

/** What needs a person. */
function troublesOf(one: FleetGlance): readonly NextStep[] {
  if ("failure" in one) {
    return [{ sentence: `${one.service}: ${one.failure.message}`, remedy: one.failure.remedy }];
  }
  const { next, service } = one.view;
  return next
    .filter(({ remedy }) => remedy !== undefined)
    .map((step) => ({ ...step, sentence: `${service}: ${step.sentence}` }));
}

function bold(text: string): Cell {
  return { text, style: "bold" };
}

function rowOf({ service, group, summary }: RolloutView, now: number, screen: Screen): readonly Cell[] {
  const shownGroup = { text: group === "default" ? "" : group };
  if (summary === undefined) return [bold(service), shownGroup, { text: "none yet", style: "dim" }];
  const { phase, release, done, hosts, slots, failed, silent } = summary;
  const style = phaseStyles[phase];
  const since = release?.since ?? release?.order;
  return [
    bold(service),
    shownGroup,
    { text: phase, style },
    { text: Number.isFinite(screen.columns) ? drawBar(Math.min(1, done.count / hosts), 10) : "", style },
    { text: `${formatCount(done.count)}/${formatCount(hosts)}` },
    { text: `${slots.length}/${formatCount(summary.plan.limit)}` },
    { text: failed.length === 0 ? "" : formatCount(failed.length), style: "red" },
    { text: silent.length === 0 ? "" : formatCount(silent.length), style: "yellow" },
    { text: release === undefined ? "" : contentName(release) },
    { text: since === undefined ? "" : formatWhen(since, now) },
  ];
}
