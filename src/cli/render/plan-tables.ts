import type { Milliseconds } from "../../domain/duration.ts";
import type { HostForecast, WorstCase } from "../../domain/rollout/forecast.ts";
import type { Prospect } from "../../domain/rollout/prospect.ts";
import { counted, formatCount } from "../../domain/rollout/some-names.ts";
import type { Screen } from "../screen.ts";
import { type Cell, renderTable } from "./table.ts";
import { formatPeriod } from "./time.ts";
import { wrapText } from "./wrap.ts";

type Moment = (at: Milliseconds) => string;

/** Of many hosts, the first and the last are shown. */
const first = 12;
const last = 3;

const turnColumns = [
  { title: "TURN", right: true },
  { title: "HOST", flexible: true },
  { title: "BEGINS", right: true },
  { title: "ENDS", right: true },
  { title: "TAKES", right: true },
  { title: "" },
];

/** The order of the hosts, and when each begins and ends. */
export function renderTurns(
  hosts: readonly HostForecast[],
  prospect: Prospect,
  moment: Moment,
  screen: Screen,
  all: boolean,
): readonly string[] {
  const held = new Set(prospect.holders);
  const rows = hosts.map((host, at): readonly Cell[] => [
    { text: formatCount(at + 1) },
    { text: host.host, style: "bold" },
    held.has(host.host) ? { text: "has begun", style: "cyan" } : { text: moment(host.start) },
    { text: moment(host.end) },
    {
      text: `${host.known ? "" : "~"}${formatPeriod(host.end - host.start)}`,
      ...(host.known ? {} : { style: "dim" as const }),
    },
    { text: host.canary ? "canary" : "", style: "yellow" },
  ]);
  const cut = all || hosts.length <= first + last + 1 ? undefined : hosts.length - first - last;
  const shown = cut === undefined ? rows : [...rows.slice(0, first), ...rows.slice(-last)];
  const lines = tableLines(turnColumns, shown, screen);
  const told = cut === undefined ? lines : lines.toSpliced(first + 1, 0, `  … and ${formatCount(cut)} more …`);
  const unknown = hosts.some(({ known }) => !known) && !prospect.assumed;
  return [
    ...told,
    ...(unknown
      ? [screen.paint("dim", "  ~ nothing is known of this host; it is taken to be as the others (median)")]
      : []),
  ];
}

/** How far a bad release gets. */
export function renderIfBad(
  cases: readonly WorstCase[],
  { plan, question }: Prospect,
  moment: Moment,
  screen: Screen,
): readonly string[] {
  const columns = [
    { title: "BAD FROM", flexible: true },
    { title: "HALTS", right: true },
    { title: plan.onHalt === "revert" ? "GO BACK LATER" : "KEEP IT", right: true },
    { title: "WENT BACK", right: true },
    { title: "NEVER TOOK IT", right: true },
  ];
  const rows = cases.map(({ place, host, haltsAt, onRelease, wentBack, untouched }): readonly Cell[] => [
    { text: `${formatCount(place + 1)}: ${host}` },
    haltsAt === undefined ? { text: "never", style: "red" } : { text: moment(haltsAt) },
    { text: formatCount(onRelease.length), ...(onRelease.length > 0 && { style: "yellow" as const }) },
    { text: formatCount(wentBack.length), style: "red" },
    { text: formatCount(untouched.length), style: "green" },
  ]);
  return [
    "If the release is bad:",
    ...tableLines(columns, rows, screen),
    ...radius(cases[0], plan, question.hosts.length, screen),
  ];
}

/** What a release costs that is bad wherever it goes. */
function radius(
  worst: WorstCase | undefined,
  { limit, failureBudget }: Prospect["plan"],
  hosts: number,
  { columns }: Screen,
): readonly string[] {
  if (worst === undefined || worst.place !== 0) return [];
  const touched = worst.wentBack.length;
  const text =
    worst.haltsAt === undefined
      ? `It is never halted: ${counted(failureBudget, "failure")} are allowed, and there are ${counted(hosts, "host")}.`
      : `A release that is bad everywhere costs ${counted(touched, "host")} one attempt each, at most ${formatCount(limit)} at a time; ${counted(hosts - touched, "host")} never ${hosts - touched === 1 ? "sees" : "see"} it.`;
  return wrapText(text, columns - 2).map((line) => `  ${line}`);
}

function tableLines(
  ...[columns, rows, screen]: [Parameters<typeof renderTable>[0], Parameters<typeof renderTable>[1], Screen]
) {
  const room = { paint: screen.paint, columns: screen.columns - 2 };
  return renderTable(columns, rows, room)
    .split("\n")
    .map((line) => `  ${line}`);
}
