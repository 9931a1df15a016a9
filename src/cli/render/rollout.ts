import type { Phase } from "../../domain/rollout/record.ts";
import { counted, formatCount } from "../../domain/rollout/some-names.ts";
import type { RolloutSummary } from "../../domain/rollout/summary.ts";
import type { RolloutView } from "../fleet-view.ts";
import type { Screen, Style } from "../screen.ts";
import { type Fact, renderFacts } from "./facts.ts";
import { renderNextSteps } from "./next-steps.ts";
import { drawBar } from "./progress-bar.ts";
import { hostFacts, planText, roomFor, runningFacts } from "./rollout-facts.ts";
import { renderSlots } from "./rollout-slots.ts";
import { formatPeriod, formatWhen } from "./time.ts";
import { contentName } from "./words.ts";

export const phaseStyles: Readonly<Record<Phase, Style>> = {
  canary: "cyan",
  rolling: "cyan",
  complete: "green",
  halted: "red",
  paused: "yellow",
};

/** The names of the facts take so many columns. */
const nameWidth = 13;

/** all: no list is cut short. brief: for a window that is too low for the usual. */
export type Detail = "all" | "usual" | "brief";

const mostSlots: Readonly<Record<Detail, number>> = { all: Number.POSITIVE_INFINITY, usual: 10, brief: 3 };
/** What a low window leaves out, beside where hosts meet and what they run. */
const background: ReadonlySet<string> = new Set(["artifact", "plan"]);

/** One rollout with all that is known of it. */
export function renderRollout(view: RolloutView, now: number, screen: Screen, detail: Detail = "usual"): string {
  const { summary } = view;
  const room = roomFor(screen, nameWidth, detail === "all");
  const brief = detail === "brief";
  const release = summary === undefined ? [] : releaseFacts(summary, now);
  const about = brief ? release.filter(({ name }) => !background.has(name)) : [...release, ...meetingFacts(view)];
  const hosts = summary === undefined ? [] : hostFacts(summary, room);
  const blocks = [
    [headOf(view, screen), ...troubleOf(view, screen)],
    renderFacts(about, nameWidth, screen),
    summary === undefined ? [] : renderSlots(summary.slots, view, now, screen, mostSlots[detail]),
    renderFacts(brief ? hosts : [...hosts, ...runningFacts(view, room)], nameWidth, screen),
    renderNextSteps(view.next, screen),
  ];
  return blocks
    .filter((block) => block.length > 0)
    .map((block) => block.join("\n"))
    .join("\n\n");
}

/** `web: rolling  ██████░░░░  16 of 40 hosts, about 12m left` */
function headOf({ service, summary, left }: RolloutView, { paint, columns }: Screen): string {
  const name = paint("bold", service);
  if (summary === undefined) return `${name}: ${paint("dim", "no rollout yet")}`;
  const { phase, done, hosts } = summary;
  const share = Math.min(1, done.count / hosts);
  const bar = Number.isFinite(columns) ? `  ${paint(phaseStyles[phase], drawBar(share, columns < 100 ? 20 : 30))}` : "";
  const rest = left === undefined ? "" : `, about ${formatPeriod(left)} left`;
  return `${name}: ${paint(phaseStyles[phase], phase)}${bar}  ${formatCount(done.count)} of ${counted(hosts, "host")}${rest}`;
}

function troubleOf({ problem }: RolloutView, { paint }: Screen): readonly string[] {
  if (problem === undefined) return [];
  return [`${paint("red", "!")} not up to date: ${problem.sentence}`];
}

function releaseFacts({ release, plan, halt, said, phase, hosts }: RolloutSummary, now: number): readonly Fact[] {
  const since = release?.since ?? release?.order;
  const begun =
    since === undefined ? "" : `, ${release?.since === undefined ? "uploaded" : "begun"} ${formatWhen(since, now)}`;
  // What was said of the release before is over, but for a pause.
  const counts = phase === "paused" || said === undefined || said.at >= (release?.since ?? 0);
  const word = counts && said && `${wordsOf[said.event] ?? said.event} by ${said.by} ${formatWhen(said.at, now)}`;
  const reason = said?.reason === undefined ? "" : `: ${said.reason}`;
  return [
    ...(halt === undefined ? [] : [haltFact(halt, now)]),
    { name: "release", value: release === undefined ? "none" : `${contentName(release)}${begun}` },
    ...(release === undefined ? [] : [{ name: "artifact", value: release.artifact }]),
    { name: "plan", value: planText(plan, hosts) },
    {
      name: "last word",
      value: !word ? "" : `${word}${reason}`,
      ...(phase === "paused" && { style: "yellow" as const }),
    },
  ];
}

function haltFact({ why, reason, at }: NonNullable<RolloutSummary["halt"]>, now: number): Fact {
  return { name: "halted", value: `${formatWhen(at, now)}, ${haltReasons[why]}: ${reason}`, style: "red" };
}

const haltReasons = {
  failures: "the release failed",
  lost: "a host was lost in the middle of its update",
  broken: "a host could not go back",
  aborts: "too many hosts gave up before the switch",
  operator: "by an operator",
} as const satisfies Record<NonNullable<RolloutSummary["halt"]>["why"], string>;

const wordsOf: Readonly<Record<string, string>> = {
  halt: "halted",
  pause: "paused",
  resume: "resumed",
  retry: "retried",
  forget: "a host forgotten",
  "set-limit": "limit set",
};

function meetingFacts({ place, safety, group, reports }: RolloutView): readonly Fact[] {
  const bestEffort = safety === "strict" ? "" : "; best-effort: it may lose a write that it has acknowledged";
  return [
    {
      name: "hosts meet",
      value: `in ${place}; ${counted(reports.length, "host")} reported${bestEffort}`,
      ...(safety !== "strict" && { style: "yellow" as const }),
    },
    { name: "group", value: group === "default" ? "" : group },
  ];
}
