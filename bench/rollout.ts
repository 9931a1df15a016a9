import { setTimeout as sleep } from "node:timers/promises";
import { encodeReport } from "../src/domain/rollout/report-text.ts";
import type { RolloutDeclaration } from "../src/domain/service.ts";
import type { Store, StorePorts } from "../src/drivers/stores/store.ts";
import { systemClock } from "../src/platform/clock.ts";
import { files } from "../src/platform/files.ts";
import { createHttpClient } from "../src/platform/http.ts";
import { createLogger } from "../src/platform/logger.ts";
import { systemRandom } from "../src/platform/random.ts";
import type { Coordinator } from "../src/rollout/coordinator.ts";
import { createCoordinator } from "../src/rollout/create-coordinator.ts";
import { encodeName, spaceOf } from "../src/rollout/keys.ts";
import { allOf, counted, noRequests, type Requests } from "./count-requests.ts";
import { type Downs, timesOf } from "./hand-over.ts";
import { median, type Result } from "./measure.ts";
import { type BenchStore, benchStores, type RunningStore } from "./rollout-stores.ts";

const hosts = 100;
/** What a simulated service needs from its stop to its proof, in milliseconds. */
const downtime = 1000;
const limits = [1, 10];
const never = new AbortController().signal;
const logger = createLogger({ level: "error", format: "text" });

/** How long a fleet takes, and how much of it passes between one host's end and the next one's beginning. */
export async function measureRollout(folder: string): Promise<Result> {
  const rows: string[][] = [];
  const add = (...cells: string[]) => {
    rows.push(cells);
    console.error(`rollout: ${cells.join(" ")}`);
  };
  for (const { label, start, peer } of chosenStores()) {
    for (const limit of limits) {
      await using running = await start(folder);
      add(label, "dropship", ...(await dropshipCells(running, limit)));
      if (peer === undefined || limit > peer.limit) continue;
      const peers = await peer.take(running.endpoints, { hosts, limit, downtime }, folder);
      add(label, peer.label, ...timeCells(peers, limit), "", "", "");
    }
  }
  return {
    title: `A rollout over ${hosts} hosts`,
    note:
      `${hosts} hosts (the real coordinators, in one process, each with a store and connections of its own) find one new release ` +
      `at the same moment. Each takes a slot, passes the fence, is down for ${downtime / 1000} s, and gives the slot back; no ` +
      "canary. Ideal is the sum of the times down divided by the limit. Hand-over: from one service up again to the next one " +
      "down, by the services' own notes. Fence: the last question before the switch, which the service is down for. The peers " +
      "go through the same on the same servers.",
    head: [
      "store",
      "way",
      "limit",
      "seconds",
      "to the ideal",
      "hand-over, median (ms)",
      "99 of 100 (ms)",
      "fence, median (ms)",
      "requests per host",
      "conflicts per host",
    ],
    rows,
  };
}

/** BENCH_STORES: those whose name has one of these words only. */
function chosenStores(): readonly BenchStore[] {
  const words = process.env["BENCH_STORES"]?.toLowerCase().split(" ");
  return benchStores.filter(({ label }) => words?.some((word) => label.toLowerCase().includes(word)) ?? true);
}

async function dropshipCells(running: RunningStore, limit: number): Promise<string[]> {
  const { downs, fences, requests } = await rollOut(running, limit);
  return [
    ...timeCells(downs, limit),
    median(fences).toFixed(0),
    (allOf(requests) / hosts).toFixed(1),
    (requests.conflicts / hosts).toFixed(1),
  ];
}

function timeCells(downs: Downs, limit: number): string[] {
  const { total, handOver, most } = timesOf(downs, limit);
  if (most > limit) throw new Error(`${most} hosts were down at once, and the limit was ${limit}`);
  const ideal = (hosts * downtime) / limit;
  return [
    String(limit),
    (total / 1000).toFixed(1),
    (total / ideal).toFixed(2),
    handOver.median.toFixed(0),
    handOver.worst.toFixed(0),
  ];
}

interface Run {
  readonly downs: { readonly begins: number[]; readonly ends: number[] };
  readonly fences: number[];
  readonly requests: Requests;
}

async function rollOut(running: RunningStore, limit: number): Promise<Run> {
  const service = systemRandom.name();
  const requests = noRequests();
  const fleet = Array.from({ length: hosts }, (_, number) => {
    const http = createHttpClient();
    const ports: StorePorts = { http, files, clock: systemClock, random: systemRandom, logger, environment: {} };
    const store = running.open(number, ports);
    return { store, http, coordinator: coordinatorOf(counted(store, requests), service, `host-${number}`, limit) };
  });
  for (const { store, coordinator } of fleet) await store.put(...reportOf(service, coordinator.host), never);
  const run: Run = { downs: { begins: [], ends: [] }, fences: [], requests };
  await Promise.all(fleet.map(({ coordinator }) => oneHost(coordinator, run)));
  for (const { store, http, coordinator } of fleet) {
    coordinator.close();
    store.close();
    http.close();
  }
  return run;
}

/** Each host has reported before, as those of a running fleet have. */
function reportOf(service: string, host: string): [string, Uint8Array] {
  const at = systemClock.wall();
  const report = { format: 1, host, service, at, every: 300_000, agent: "bench", state: "idle", floor: 0 } as const;
  return [`${spaceOf(service, "default").reports}${encodeName(host)}`, encodeReport(report)];
}

async function oneHost(coordinator: Coordinator, { downs, fences }: Run): Promise<void> {
  const attempt = systemRandom.name();
  const content = { attempt, digest: "d".repeat(64) };
  const request = { ...content, purpose: "update", artifact: "bench", floor: 0, ownEnded: () => false } as const;
  await coordinator.acquire(request, never, () => {});
  const begin = performance.now();
  using _beat = coordinator.beat(attempt);
  const fenced = await coordinator.fence(content, never);
  if (fenced.outcome !== "fenced") throw new Error(fenced.failure.sentence);
  fences.push(performance.now() - begin);
  await sleep(downtime);
  downs.begins.push(begin);
  downs.ends.push(performance.now());
  const ended = await coordinator.finish({ ...content, outcome: "ok", reason: "", retract: false }, never);
  if (ended.outcome === "later") throw new Error("the store did not answer");
}

function coordinatorOf(store: Store, service: string, host: string, limit: number): Coordinator {
  const declaration: RolloutDeclaration = {
    where: "bench",
    limit: { count: limit },
    canary: 0,
    failureBudget: 0,
    abortBudget: 0,
    onHalt: "hold",
    group: "default",
    windows: [],
    lostAfter: 300_000,
  };
  const parts = { store, service, host, declaration, floor: () => 0, clock: systemClock, random: systemRandom, logger };
  return createCoordinator(parts);
}
