import type { CoordinatedService } from "../../agent/fleet-desk.ts";
import { formatDuration, type Milliseconds } from "../../domain/duration.ts";
import type { Forecast, WorstCase } from "../../domain/rollout/forecast.ts";
import type { Prospect } from "../../domain/rollout/prospect.ts";
import type { Phase } from "../../domain/rollout/record.ts";
import { formatCount } from "../../domain/rollout/some-names.ts";
import type { Screen } from "../screen.ts";
import { type Fact, factRoom, renderFacts } from "./facts.ts";
import { namesWithin } from "./names.ts";
import { renderIfBad, renderTurns } from "./plan-tables.ts";
import { phaseStyles } from "./rollout.ts";
import { planText } from "./rollout-facts.ts";
import { formatDay, formatPeriod } from "./time.ts";
import { contentName } from "./words.ts";

/** All that `dropship plan` tells. */
export interface PlanView {
  readonly service: CoordinatedService;
  readonly group: string;
  readonly place: string;
  readonly phase?: Phase;
  readonly prospect: Prospect;
  readonly forecast: Forecast;
  readonly ifBad: readonly WorstCase[];
}

const nameWidth = 13;

export function renderPlan(view: PlanView, now: number, screen: Screen, all = false): string {
  const { forecast, prospect, ifBad } = view;
  const { service } = view;
  // Windows make it a matter of the clock on the wall.
  const moments = service.rollout.windows.length > 0 ? (at: Milliseconds) => formatDay(now + at) : sinceNow;
  const blocks = [
    [headOf(view, screen)],
    renderFacts(factsOf(view, moments, screen), nameWidth, screen),
    forecast.hosts.length === 0 ? [] : renderTurns(forecast.hosts, prospect, moments, screen, all),
    ifBad.length === 0 ? [] : renderIfBad(ifBad, prospect, moments, screen),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n");
}

function sinceNow(at: Milliseconds): string {
  return at === 0 ? "at once" : `+${formatPeriod(at)}`;
}

/** `web: 24 hosts in about 12m 30s` */
function headOf({ service, prospect, forecast, phase }: PlanView, { paint }: Screen): string {
  const name = paint("bold", service.name);
  const { subject, assumed } = prospect;
  const state = subject === "under-way" && phase ? `${paint(phaseStyles[phase], phase)}, ` : "";
  if (forecast.hosts.length === 0) return `${name}: ${state}nobody begins`;
  const more = subject === "under-way" ? " more" : "";
  const guess = assumed ? ", by a guess" : "";
  return `${name}: ${state}${formatCount(forecast.hosts.length)}${more} ${forecast.hosts.length === 1 ? "host" : "hosts"} in about ${formatPeriod(forecast.total)}${guess}`;
}

function factsOf(view: PlanView, moment: (at: Milliseconds) => string, screen: Screen): readonly Fact[] {
  const { prospect, forecast, service, place, group, phase } = view;
  const room = factRoom(nameWidth, screen.columns);
  const list = (names: readonly string[]) => (names.length === 0 ? "" : namesWithin(names, room - 2));
  const { silent, refusing, plan, fleet } = prospect;
  const waits = phase === "halted" || phase === "paused";
  return [
    { name: "release", value: releaseText(prospect) },
    { name: "plan", value: planText(plan, fleet) },
    { name: "group", value: group === "default" ? "" : group },
    { name: "begins", value: beginText(view) },
    { name: "ends", value: forecast.hosts.length === 0 ? "" : moment(forecast.total) },
    { name: "windows", value: windowText(view, moment) },
    ...(prospect.subject === "under-way" && waits
      ? [{ name: "note", value: `It is ${phase}: the times count from when it goes on.`, style: "yellow" as const }]
      : []),
    ...(prospect.assumed
      ? [
          {
            name: "note",
            value: `No host has told yet how long an update takes: ${formatPeriod(prospect.question.otherwise)} for each is a guess.`,
            style: "yellow" as const,
          },
        ]
      : []),
    { name: "unreached", value: list(forecast.unreached), style: "red" },
    { name: "silent", value: silent.length === 0 ? "" : `not counted in: ${list(silent)}`, style: "yellow" },
    { name: "refusing", value: refusing.length === 0 ? "" : `it went bad there: ${list(refusing)}`, style: "yellow" },
    { name: "hosts meet", value: `in ${place}` },
    {
      name: "checks",
      value:
        prospect.subject === "under-way"
          ? ""
          : `hosts look for an upload each ${formatDuration(service.checkInterval)}`,
    },
  ];
}

function releaseText({ subject, release }: Prospect): string {
  const name = release === undefined ? "" : contentName(release);
  switch (subject) {
    case "under-way":
      return name;
    case "wanted":
      return `${name}, which hosts have seen already`;
    case "given":
      return `${name}, as given`;
    case "next":
      return "the next one; each content has an order of its own, so that this one is an example (see --digest)";
  }
}

function beginText({ service, prospect, forecast }: PlanView): string {
  const { question, subject } = prospect;
  if (forecast.hosts.length > 0)
    return subject === "under-way" ? "" : "when the first host has downloaded and unpacked it";
  if (prospect.fleet === 0) return "never: no host has reported lately";
  if (question.hosts.length === 0) return "never: every host that reports has it";
  if (service.rollout.windows.length > 0 && question.opens(0) === Number.POSITIVE_INFINITY)
    return "never: no window opens within two weeks";
  return "never: every slot is held by a host that is lost or broken";
}

function windowText({ service, prospect }: PlanView, moment: (at: Milliseconds) => string): string {
  const { windows } = service.rollout;
  if (windows.length === 0) return "";
  const opens = prospect.question.opens(0);
  if (opens === 0) return "open now; what does not fit waits for the next one (by the clock of this machine)";
  return opens === Number.POSITIVE_INFINITY
    ? ""
    : `closed now; the next opens ${moment(opens)} (by the clock of this machine)`;
}
