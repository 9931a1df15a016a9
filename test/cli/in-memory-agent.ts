import { type CoordinatedService, deskAt, type FleetDesk } from "../../src/agent/fleet-desk.ts";
import type { Attempt, OperationEvent, Operations, ServiceStatus } from "../../src/agent/operations.ts";
import type { AgentDoors } from "../../src/cli/agent-doors.ts";
import { isCoordinated } from "../../src/cli/fleet-access.ts";
import { runCommandLine } from "../../src/cli/run-command-line.ts";
import { loadConfiguration } from "../../src/config/load.ts";
import { failure } from "../../src/domain/failures/failure.ts";
import type { Release } from "../../src/domain/release.ts";
import { encodeRecord } from "../../src/domain/rollout/record-text.ts";
import { encodeReport } from "../../src/domain/rollout/report-text.ts";
import { systemClock } from "../../src/platform/clock.ts";
import type { Logger } from "../../src/platform/ports.ts";
import { systemRandom } from "../../src/platform/random.ts";
import { spaceOf } from "../../src/rollout/keys.ts";
import { memoryPorts } from "../config/memory-ports.ts";
import { hostNames, recordOf, reportOf, slot, tally } from "../domain/rollout/fleet-as-seen.ts";
import { memoryStore } from "../rollout/memory-store.ts";
import { sheet } from "./paper.ts";

export const now = 1_800_000_000_000;

export const oldRelease: Release = {
  id: "1.0-aaaaaaaaaaaa",
  digest: "a".repeat(64),
  size: 2048,
  stagedAt: now - 7_200_000,
};
export const newRelease: Release = {
  id: "1.1-bbbbbbbbbbbb",
  digest: "b".repeat(64),
  size: 4096,
  stagedAt: now - 60_000,
};

export const updated: Attempt = {
  id: "0123456789abcdef",
  service: "web",
  startedAt: now - 63_200,
  endedAt: now - 60_000,
  outcome: "updated",
  intent: "update",
  attempt: 1,
  target: newRelease,
  previous: oldRelease,
  downtime: 400,
};

export const rolledBack: Attempt = {
  ...updated,
  id: "fedcba9876543210",
  outcome: "rolled-back",
  failure: { code: "hook-failed", sentence: "The hook start failed.", remedy: "Mend it." },
};

export const idleStatus: ServiceStatus = {
  service: "web",
  artifact: "s3://bucket/web.tar.gz",
  destination: "/srv/web",
  state: "idle",
  running: newRelease,
  wanted: { digest: newRelease.digest },
  health: "healthy",
  paused: false,
  broken: false,
  denied: [],
  lastCheck: { at: now - 12_000 },
  nextCheck: now + 18_000,
  lastUpdate: updated,
};

export const goodStory: readonly OperationEvent[] = [
  { type: "state", service: "web", state: "fetching" },
  { type: "progress", service: "web", progress: { state: "fetching", done: 1024, total: 4096 } },
  { type: "state", service: "web", state: "switching" },
  { type: "state", service: "web", state: "idle" },
];

/** What the operations were asked for, as `name(arguments)`. */
export interface Memory {
  readonly asked: string[];
  readonly operations: Operations;
}

/** Operations that remember what they were asked for and answer what they are told to. */
export function memory(answers: Partial<Operations> = {}): Memory {
  const asked: string[] = [];
  const note =
    (name: string) =>
    (...given: unknown[]) =>
      asked.push(
        `${name}(${given
          .filter((one) => typeof one !== "function")
          .map(String)
          .join(", ")})`,
      );
  const unanswered = (name: string) => async () => {
    throw failure("unknown-service", { service: name, hint: "" });
  };
  const names = ["status", "history", "releases", "evidence", "check", "update", "rollback", "pin", "unpin"] as const;
  const all = [...names, "pause", "resume", "retry", "reload"] as const;
  const operations = Object.fromEntries(
    all.map((name) => [
      name,
      async (...given: unknown[]) => {
        note(name)(...given);
        const answer = (answers[name] ?? unanswered(name)) as (...list: unknown[]) => unknown;
        return await answer(...given);
      },
    ]),
  ) as unknown as Operations;
  return { asked, operations };
}

const silent: Logger = { log: () => undefined, with: () => silent };

/** A fleet of three: one has the release, one is broken, one waits. */
export function deskInMemory(service: CoordinatedService = coordinatedWeb()): FleetDesk {
  const store = memoryStore({ clock: systemClock });
  const space = spaceOf(service.name, "default");
  const slots = { "web-2": slot({ state: "broken" }) };
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  store.set(space.record, text(encodeRecord(recordOf({ ok: tally("web-1"), slots }))));
  for (const host of hostNames(3)) store.set(`${space.reports}${host}`, text(encodeReport(reportOf(host))));
  const stop = new AbortController().signal;
  const parts = { store, clock: systemClock, random: systemRandom, logger: silent, stop };
  return deskAt({ ...parts, service, group: undefined, operator: "ann@laptop" });
}

function coordinatedWeb(): CoordinatedService {
  const text = goodConfig.replace("{\n", "{\n  sequentialUpdates = true\n");
  const [service] = loadConfiguration(mainFile, memoryPorts({ [mainFile]: text })).configuration?.services ?? [];
  if (service === undefined || !isCoordinated(service)) throw new Error("the service is not coordinated");
  return service;
}

const mainFile = "/etc/dropship.d/dropship.hcl";
const goodConfig = 'service "web" {\n  artifact "file" {\n    path = "/a"\n    destination = "/srv/web"\n  }\n}\n';

export interface Try {
  readonly words: readonly string[];
  readonly memory?: Memory;
  /** No agent: the operations are carried out in the process of the command. */
  readonly alone?: boolean;
  readonly config?: string;
  readonly columns?: number;
  readonly environment?: Record<string, string>;
  readonly doors?: Partial<AgentDoors>;
  /** Is given what a Ctrl-C would call. */
  readonly onInterrupt?: (interrupt: () => void) => void;
}

/** One command line against operations in memory. */
export async function tryCommand({ words, alone, config, columns, environment = {}, ...rest }: Try) {
  const [out, err] = [sheet(columns), sheet(columns)];
  const operations = (rest.memory ?? memory()).operations;
  const doors: AgentDoors = {
    connect: async () => (alone ? undefined : operations),
    embed: (_options, use) => use(operations),
    lookOn: (_options, use) => use(operations, undefined),
    examine: async () => undefined,
    meet: (options, use) => use(deskInMemory(options.service)),
    run: async () => 0,
    ...rest.doors,
  };
  const code = await runCommandLine(words, {
    environment,
    out,
    err,
    doors,
    configPorts: () => memoryPorts({ [environment["DROPSHIP_CONFIG"] ?? mainFile]: config ?? goodConfig }),
    now: () => now,
    onInterrupt(interrupted) {
      rest.onInterrupt?.(interrupted);
      return { [Symbol.dispose]: () => undefined };
    },
  });
  return { code, out: out.text(), err: err.text() };
}
