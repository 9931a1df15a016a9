import { allOf } from "./count-requests.ts";
import { type FleetRun, simulateFleet } from "./fleet-simulation.ts";
import { timesOf } from "./hand-over.ts";
import type { Result } from "./measure.ts";

/** What is the same in all rows, in milliseconds. */
const downtime = 60_000;
const spread = 30_000;
const canary = 1;

const kinds = {
  watched: { label: "is watched, 5 ms", pace: 0, roundTrip: 5 },
  /** As S3 is. */
  asked: { label: "is asked, 40 ms", pace: 2_000, roundTrip: 40 },
} as const;

interface Row {
  readonly kind: keyof typeof kinds;
  readonly fleet: string;
  /** So many records at the same time, each of which has the hosts and the limit that stand here. */
  readonly groups: number;
  readonly hosts: number;
  readonly limit: number;
}

const rows: readonly Row[] = (["watched", "asked"] as const).flatMap((kind): Row[] => [
  { kind, fleet: "100", groups: 1, hosts: 100, limit: 1 },
  { kind, fleet: "10 groups of 1,000", groups: 10, hosts: 1_000, limit: 10 },
  { kind, fleet: "2,000", groups: 1, hosts: 2_000, limit: 100 },
  { kind, fleet: "10,000", groups: 1, hosts: 10_000, limit: 100 },
]);

/** Large fleets on one record, simulated: the real coordinators on a clock that moves when nobody has anything to do. */
export async function measureScale(): Promise<Result> {
  const cells: string[][] = [];
  for (const row of chosenRows()) {
    const { pace, roundTrip, label } = kinds[row.kind];
    const { hosts, limit } = row;
    const run = await simulateFleet({ hosts, limit, canary, downtime, pace, roundTrip, spread });
    cells.push([label, row.fleet, ...figures(row, run)]);
    console.error(`scale: ${cells.at(-1)?.join(" | ")}`);
  }
  return {
    title: "Large fleets on one record",
    note:
      "Simulated, with the real code of the hosts: each finds the release within the 30 s of a check, holds its slot for 60 s, and " +
      "one canary goes first. Stores that are watched answer in 5 ms, those that are asked in 40 ms and every 2 s. Ideal is the " +
      "sum of the times down divided by the limit. Requests are those of the rollout; checks for artifacts and the reports of " +
      "each five minutes come on top (see the guide on large fleets). Read and written are values without their heads.",
    head: [
      "the store",
      "hosts",
      "limit",
      "hours",
      "to the ideal",
      "hand-over, median (ms)",
      "requests per host",
      "of these reads",
      "watches",
      "writes",
      "conflicts per host",
      "requests per second",
      "most in a second",
      "read per second (kB)",
      "written per host (kB)",
      "largest record (KiB)",
    ],
    rows: cells,
  };
}

/** BENCH_STORES: those whose store has one of these words only. */
function chosenRows(): readonly Row[] {
  const words = process.env["BENCH_STORES"]?.toLowerCase().split(" ");
  return rows.filter(({ kind }) => words?.some((word) => kinds[kind].label.includes(word)) ?? true);
}

function figures({ groups, hosts, limit }: Row, run: FleetRun): string[] {
  const { took, requests, peak, largest, downs } = run;
  const { handOver, most } = timesOf(downs, limit);
  if (most > limit) throw new Error(`${most} hosts were down at once, and the limit was ${limit}`);
  const each = (count: number) => (count / hosts).toFixed(1);
  const perSecond = (count: number) => (groups * count * 1000) / took;
  const { read, list, watch, swap, put } = requests.sent;
  return [
    String(groups * limit),
    (took / 3_600_000).toFixed(2),
    (took / ((hosts * downtime) / limit)).toFixed(3),
    handOver.median.toFixed(0),
    each(allOf(requests)),
    each(read + list),
    each(watch),
    each(swap + put),
    each(requests.conflicts),
    perSecond(allOf(requests)).toFixed(0),
    String(groups * peak),
    (perSecond(requests.bytesRead) / 1000).toFixed(0),
    each(requests.bytesWritten / 1000),
    (largest / 1024).toFixed(1),
  ];
}
