import type { ServiceStatus } from "../../agent/operations.ts";
import { type DeniedRelease, deniedFor } from "../../domain/denied-release.ts";
import { sameMarker } from "../../domain/release.ts";
import { printable } from "../../domain/text-width.ts";
import type { Screen, Style } from "../screen.ts";
import { howItEnded } from "./outcome.ts";
import { progressBar } from "./progress-bar.ts";
import { fleetFacts, fleetRemarks } from "./status-fleet.ts";
import { type Cell, renderTable } from "./table.ts";
import { formatWhen } from "./time.ts";
import { releaseName, stateWords } from "./words.ts";
import { wrapAroundCommands } from "./wrap.ts";

/** What a service follows, seen against what runs. */
function wantedCell(status: ServiceStatus): Cell {
  const { wanted, running, pinned, paused, denied } = status;
  if (pinned !== undefined) return { text: `pinned to ${pinned}`, style: "yellow" };
  if (paused) return { text: "paused", style: "yellow" };
  if (wanted === undefined) return { text: "" };
  if (isSame(status)) return { text: "this one", style: "green" };
  const bad = deniedFor(denied, wanted);
  if (bad) return isLeft(bad) ? { text: "left by hand", style: "yellow" } : { text: "refused", style: "red" };
  const known = wanted.version ?? wanted.digest?.slice(0, 12) ?? "";
  return {
    text: running === undefined ? known || "the first one" : `another${known && `: ${known}`}`,
    style: "yellow",
  };
}

/** The operator went back from it; nothing is wrong. */
function isLeft({ reason }: DeniedRelease): boolean {
  return reason.code === "left-by-operator";
}

function isSame({ wanted, running }: ServiceStatus): boolean {
  if (wanted === undefined || running === undefined) return false;
  if (wanted.digest !== undefined) return wanted.digest === running.digest;
  return sameMarker(wanted.marker, running.marker);
}

const healthStyles: Readonly<Record<ServiceStatus["health"], Style>> = {
  healthy: "green",
  unhealthy: "red",
  unknown: "dim",
};

function stateCell({ state, broken, progress, interrupted }: ServiceStatus): Cell {
  if (interrupted) return { text: "interrupted", style: "red" };
  if (broken && state === "idle") return { text: "broken", style: "red" };
  if (state === "idle") return { text: "idle", style: "dim" };
  const share = progress?.total ? ` ${Math.floor((progress.done / progress.total) * 100)}%` : "";
  return { text: `${stateWords[state]}${share}`, style: "cyan" };
}

function when(at: number | undefined, now: number): string {
  return at === undefined ? "" : formatWhen(at, now);
}

/** All services, one a line, and below them what somebody should look at. */
export function renderStatuses(statuses: readonly ServiceStatus[], now: number, screen: Screen): string {
  if (statuses.length === 0) return "No service is declared.";
  const rows = statuses.map((status): readonly Cell[] => [
    { text: status.service, style: "bold" },
    stateCell(status),
    { text: releaseName(status.running) },
    { text: status.health, style: healthStyles[status.health] },
    wantedCell(status),
    { text: when(status.lastCheck?.at, now), ...(status.lastCheck?.failure && { style: "red" as const }) },
    { text: when(status.nextCheck, now) },
  ]);
  const columns = [
    { title: "SERVICE", flexible: true },
    { title: "STATE", flexible: true },
    { title: "RUNNING", flexible: true },
    { title: "HEALTH" },
    { title: "WANTED", flexible: true },
    { title: "CHECKED" },
    { title: "NEXT" },
  ];
  const remarks = statuses.flatMap((status) =>
    fleetRemarks(status, now).flatMap((remark) => remarkLines(status.service, remark, screen)),
  );
  const below = [...remarks, ...statuses.flatMap((status) => troublesOf(status, now, screen))];
  return [renderTable(columns, rows, screen), ...(below.length > 0 ? ["", ...below] : [])].join("\n");
}

function remarkLines(service: string, remark: string, { paint, columns }: Screen): readonly string[] {
  const [first = "", ...others] = wrapAroundCommands(`${service}: ${printable(remark)}`, columns - 2);
  const head = first.startsWith(service) ? paint("bold", service) + first.slice(service.length) : first;
  return [head, ...others.map((line) => `  ${line}`)];
}

/** One service with everything that is known of it. */
export function renderStatus(status: ServiceStatus, now: number, screen: Screen): string {
  const { paint } = screen;
  const { running, lastCheck, lastUpdate, progress, since } = status;
  const painted = ({ text, style }: Cell) =>
    style === undefined || text === "" ? text : paint(style, printable(text));
  const facts: readonly (readonly [string, string])[] = [
    ["state", `${painted(stateCell(status))}${since === undefined ? "" : `, since ${formatWhen(since, now)}`}`],
    ["progress", progress === undefined ? "" : progressBar([{ at: now, done: progress.done }], progress.total)],
    ["running", releaseName(running)],
    ["digest", running === undefined ? "" : `sha256:${running.digest}`],
    ["health", paint(healthStyles[status.health], status.health)],
    ["wanted", painted(wantedCell(status))],
    ...fleetFacts(status, now).map(([name, value]) => [name, printable(value)] as const),
    ["artifact", printable(status.artifact)],
    ["destination", printable(status.destination)],
    ["last check", when(lastCheck?.at, now)],
    ["next check", when(status.nextCheck, now)],
    [
      "last update",
      lastUpdate === undefined ? "" : `${howItEnded(lastUpdate)[0]} ${formatWhen(lastUpdate.endedAt, now)}`,
    ],
  ];
  const lines = facts
    .filter(([, value]) => value !== "")
    .map(([name, value]) => `  ${paint("dim", name.padEnd(13))}${value}`);
  const troubles = troublesOf(status, now, screen);
  return [paint("bold", status.service), ...lines, ...(troubles.length > 0 ? ["", ...troubles] : [])].join("\n");
}

/** What is wrong with a service, each with the next step. */
function troublesOf(status: ServiceStatus, now: number, { paint }: Screen): readonly string[] {
  const { service, broken, lastCheck, lastUpdate, denied, pinned } = status;
  const lines: string[] = [];
  const say = (words: string, next: string) => {
    lines.push(
      `${paint("red", "!")} ${paint("bold", service)}: ${printable(words)}`,
      `  ${paint("cyan", "next:")} ${next}`,
    );
  };
  if (status.interrupted) {
    say(
      `an update was interrupted (${stateWords[status.state]}), and nobody is at work on it`,
      `start the agent, which ends or undoes it: systemctl start dropship; without one, dropship update ${service} does`,
    );
  }
  if (status.waiting?.remedy !== undefined) say(`waits: ${status.waiting.sentence}`, status.waiting.remedy);
  if (status.foreign) say(...strangerAtDestination(status.foreign, status.destination));
  if (broken) {
    say(
      "an update went bad and going back failed too; it is left alone until somebody looked",
      `dropship logs ${service}, then dropship rollback ${service} or dropship retry ${service}`,
    );
  }
  if (lastCheck?.failure)
    say(`${formatWhen(lastCheck.at, now)}: ${lastCheck.failure.sentence}`, lastCheck.failure.remedy);
  const last = status.wanted && deniedFor(denied, status.wanted);
  if (last && !broken && !isSame(status)) {
    if (pinned !== undefined) return lines;
    if (isLeft(last)) say(`${formatWhen(last.at, now)}: ${last.reason.sentence}`, last.reason.remedy);
    else
      say(
        `the wanted release was refused ${formatWhen(last.at, now)}: ${last.reason.sentence}`,
        `dropship logs ${service}; dropship retry ${service} tries it again`,
      );
  } else if (lastUpdate?.failure && !broken && !last) {
    const [words] = howItEnded(lastUpdate);
    say(`${words} ${formatWhen(lastUpdate.endedAt, now)}: ${lastUpdate.failure.sentence}`, lastUpdate.failure.remedy);
  }
  return lines;
}

function strangerAtDestination(
  what: NonNullable<ServiceStatus["foreign"]>,
  destination: string,
): readonly [words: string, next: string] {
  if (what === "unknown") return [`the file system of ${destination} does not answer`, "look at what is mounted there"];
  return [
    `a ${what} stands at ${destination} that Dropship did not put there`,
    "the next update keeps it as a release to go back to; move it away, and the release that belongs there comes back",
  ];
}
