import type { ServiceStatus } from "../../agent/operations.ts";
import { counted, formatCount } from "../../domain/rollout/some-names.ts";
import { formatPeriod, formatWhen } from "./time.ts";
import { contentName } from "./words.ts";

type Fleet = NonNullable<ServiceStatus["fleet"]>;
type Sight = NonNullable<Fleet["seen"]>;

/** What is known of the fleet of one service: names and values. */
export function fleetFacts({ fleet, waiting }: ServiceStatus, now: number): readonly (readonly [string, string])[] {
  if (fleet === undefined) return [];
  const { host, group, seen } = fleet;
  return [
    ["waits", waiting?.sentence ?? ""],
    ["rollout", seen === undefined ? "not seen yet" : `${rolloutText(seen)}, seen ${formatWhen(seen.at, now)}`],
    ["slot", seen?.slot === undefined ? "" : `${seen.slot.state}, for ${formatPeriod(now - seen.slot.since)}`],
    ["known as", `${host}${group === "default" ? "" : `, in the group ${group}`}`],
    ["hosts meet", `in ${fleet.place}${fleet.safety === "strict" ? "" : `; ${bestEffort}`}`],
  ];
}

const bestEffort = "best-effort: it may lose a write that it has acknowledged, and then more hosts go at a time";

function rolloutText({ phase, release, done, hosts, halt }: Sight): string {
  const what = release === undefined ? "" : `${contentName(release)}: `;
  const why = halt === undefined ? "" : ` (${halt.replace(/\.$/, "")})`;
  return `${what}${phase}${why}, ${formatCount(done)} of ${counted(hosts, "host")}`;
}

/** What a person who looks at all services should know of one; nothing is wrong. */
export function fleetRemarks(status: ServiceStatus, now: number): readonly string[] {
  const { fleet, waiting } = status;
  if (fleet === undefined) return [];
  const { seen } = fleet;
  const stands = seen !== undefined && (seen.phase === "halted" || seen.phase === "paused");
  return [
    ...(waiting !== undefined && waiting.remedy === undefined ? [`waits: ${waiting.sentence}`] : []),
    ...(stands && waiting === undefined
      ? [
          `its rollout: ${rolloutText(seen)}, seen ${formatWhen(seen.at, now)}; see "dropship rollout ${status.service}"`,
        ]
      : []),
    ...(fleet.safety === "strict" ? [] : [`hosts meet in ${fleet.place}; ${bestEffort}`]),
  ];
}
