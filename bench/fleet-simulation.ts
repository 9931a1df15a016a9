import { namedHosts, type RolloutRecord } from "../src/domain/rollout/record.ts";
import { decodeRecord, encodeRecord } from "../src/domain/rollout/record-text.ts";
import type { HostReport } from "../src/domain/rollout/report.ts";
import { encodeReport } from "../src/domain/rollout/report-text.ts";
import { blank } from "../src/domain/rollout/start.ts";
import type { RolloutDeclaration } from "../src/domain/service.ts";
import type { Logger } from "../src/platform/ports.ts";
import type { Coordinator } from "../src/rollout/coordinator.ts";
import { createCoordinator } from "../src/rollout/create-coordinator.ts";
import { encodeName, spaceOf } from "../src/rollout/keys.ts";
import { randomFrom } from "../test/random-from.ts";
import { memoryStore } from "../test/rollout/memory-store.ts";
import { type SimulatedClock, simulatedClock } from "../test/update/simulated-clock.ts";
import { counted, noRequests, type Requests } from "./count-requests.ts";
import type { Downs } from "./hand-over.ts";

export interface FleetOrder {
  readonly hosts: number;
  readonly limit: number;
  readonly canary: number;
  /** What a service needs from its stop to its proof, give or take a tenth; milliseconds. */
  readonly downtime: number;
  /** 0: the store can be watched. */
  readonly pace: number;
  /** What one request to the store takes; milliseconds. */
  readonly roundTrip: number;
  /** Hosts find the new release spread over so long; milliseconds. */
  readonly spread: number;
}

export interface FleetRun {
  readonly downs: Downs;
  /** From the first host that found the release to the last outcome; milliseconds. */
  readonly took: number;
  readonly requests: Requests;
  /** The most requests in one second. */
  readonly peak: number;
  /** The largest record that was written, in bytes. */
  readonly largest: number;
}

const logger: Logger = { log: () => {}, with: () => logger };
const service = "web";
const space = spaceOf(service, "default");
const reportEvery = 300_000;

/** One release through a fleet of real coordinators, by a clock that only moves when nobody has anything to do. */
export async function simulateFleet(order: FleetOrder): Promise<FleetRun> {
  const clock = simulatedClock();
  const memory = memoryStore({ clock, pace: order.pace, roundTrip: order.roundTrip, keepsHistory: false });
  const fleet = Array.from({ length: order.hosts }, (_, number) => nameOf(number));
  for (const host of fleet) memory.set(...reportOf(host, clock, "idle"));
  memory.set(space.record, new TextDecoder().decode(encodeRecord(recordBefore(order, fleet))));
  const requests = noRequests();
  const meter = meterOf(clock);
  const store = counted(memory, requests, meter.count);
  const fraction = randomFrom(order.hosts + order.limit);
  let names = 0;
  const random = {
    fraction,
    name() {
      names += 1;
      return names.toString(16).padStart(32, "0");
    },
  };
  const begun = clock.monotonic();
  const downs = { begins: [] as number[], ends: [] as number[] };
  let largest = 0;
  const one = async (host: string) => {
    const { signal } = new AbortController();
    await clock.sleep(order.spread * fraction());
    const parts = { store, service, host, declaration: declarationOf(order), floor: () => 0, clock, random, logger };
    await updateHost(createCoordinator(parts), { clock, random, order, downs, signal });
    largest = Math.max(largest, memory.text(space.record)?.length ?? 0);
  };
  await clock.run(Promise.all(fleet.map(one)), undefined, Number.POSITIVE_INFINITY);
  const record = decodeRecord(new TextEncoder().encode(memory.text(space.record) ?? ""));
  if (record.ok.count !== order.hosts) throw new Error(`${record.ok.count} of ${order.hosts} hosts have the release`);
  return { downs, took: clock.monotonic() - begun, requests, peak: meter.peak(), largest };
}

interface Stage {
  readonly clock: SimulatedClock;
  readonly random: { fraction(): number; name(): string };
  readonly order: FleetOrder;
  /** One for each host: what waits on it is searched through whenever something ends. */
  readonly signal: AbortSignal;
  readonly downs: { readonly begins: number[]; readonly ends: number[] };
}

async function updateHost(coordinator: Coordinator, { clock, random, order, downs, signal }: Stage): Promise<void> {
  const attempt = random.name();
  const content = { attempt, digest: "d".repeat(64) };
  const request = {
    ...content,
    purpose: "update",
    artifact: "web.tar.gz",
    order: 2,
    ownEnded: () => false,
  } as const;
  await coordinator.acquire(request, signal, () => {});
  downs.begins.push(clock.monotonic());
  {
    using _beat = coordinator.beat(attempt);
    // The service is stopped first.
    await clock.sleep(order.downtime * 0.1);
    const fenced = await coordinator.fence(content, signal);
    if (fenced.outcome !== "fenced") throw new Error(fenced.failure.sentence);
    await clock.sleep(order.downtime * (0.8 + 0.2 * random.fraction()));
    downs.ends.push(clock.monotonic());
  }
  const ended = await coordinator.finish({ ...content, outcome: "ok", reason: "", retract: false }, signal);
  if (ended.outcome === "later") throw new Error("the store did not take an outcome");
  coordinator.close();
}

/** The release before this one is everywhere. */
function recordBefore({ hosts, limit, canary }: FleetOrder, fleet: readonly string[]): RolloutRecord {
  const release = { digest: "c".repeat(64), artifact: "web.tar.gz", order: 1 };
  const writer = { host: fleet[0] ?? "", operation: "0".repeat(32), event: "finish" };
  const plan = { ...blank.plan, limit, canary };
  const ok = { count: hosts, hosts: fleet.slice(0, namedHosts) };
  return { ...blank, seq: 1, writer, release, phase: "complete", plan, hosts, ok };
}

/** As hosts of a real fleet are called: "web-00042.eu-central-1.example.com". */
function nameOf(number: number): string {
  return `web-${String(number).padStart(5, "0")}.eu-central-1.example.com`;
}

function reportOf(host: string, clock: SimulatedClock, state: string): [string, string] {
  const at = clock.wall();
  const report: HostReport = { format: 1, host, service, at, every: reportEvery, agent: "1.0.0", state, floor: 0 };
  return [`${space.reports}${encodeName(host)}`, new TextDecoder().decode(encodeReport(report))];
}

function declarationOf({ limit, canary }: FleetOrder): RolloutDeclaration {
  return {
    where: "bench",
    limit: { count: limit },
    canary,
    failureBudget: 0,
    abortBudget: 0,
    onHalt: "hold",
    group: "default",
    windows: [],
    lostAfter: 300_000,
  };
}

function meterOf(clock: SimulatedClock) {
  const seconds = new Map<number, number>();
  return {
    count() {
      const second = Math.floor(clock.monotonic() / 1000);
      seconds.set(second, (seconds.get(second) ?? 0) + 1);
    },
    peak: () => Math.max(...seconds.values()),
  };
}
