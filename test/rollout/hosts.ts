import type { SlotOutcome } from "../../src/domain/rollout/events.ts";
import type { RolloutRecord } from "../../src/domain/rollout/record.ts";
import { decodeRecord } from "../../src/domain/rollout/record-text.ts";
import type { Waiting } from "../../src/domain/rollout/waiting.ts";
import type { RolloutDeclaration } from "../../src/domain/service.ts";
import type { Logger, Random } from "../../src/platform/ports.ts";
import type { Coordinator, Fenced, SlotRequest } from "../../src/rollout/coordinator.ts";
import { createCoordinator } from "../../src/rollout/create-coordinator.ts";
import { spaceOf } from "../../src/rollout/keys.ts";
import type { OperatorDesk } from "../../src/rollout/operate.ts";
import { randomFrom } from "../random-from.ts";
import { type SimulatedClock, simulatedClock } from "../update/simulated-clock.ts";
import { type MemoryStore, memoryStore } from "./memory-store.ts";

export const never = new AbortController().signal;
export const space = spaceOf("web", "default");
export const good = "a".repeat(64);
export const bad = "b".repeat(64);

const logger: Logger = { log: () => {}, with: () => logger };

export const declared: RolloutDeclaration = {
  where: "test",
  limit: { count: 1 },
  canary: 1,
  failureBudget: 0,
  abortBudget: 1,
  onHalt: "hold",
  group: "default",
  windows: [],
  lostAfter: 300_000,
};

/** A store, a clock and hosts: real coordinators, each with its own chance. */
export interface World {
  readonly clock: SimulatedClock;
  readonly store: MemoryStore;
  readonly random: Random;
  readonly desk: OperatorDesk;
  /** `floor`: what the host remembers of an earlier process. */
  host(name: string, declaration?: Partial<RolloutDeclaration>, floor?: number): Coordinator;
  record(): RolloutRecord;
  /** Who is down now, and the most that ever were at a time. */
  readonly down: Set<string>;
  most: number;
}

export function world(options: { readonly seed?: number; readonly pace?: number } = {}): World {
  const clock = simulatedClock();
  const store = memoryStore({ clock, pace: options.pace ?? 0 });
  const fraction = randomFrom(options.seed ?? 1);
  let names = 0;
  const random = {
    fraction,
    name: () => {
      names += 1;
      return `${names.toString(16)}-${Math.floor(fraction() * 2 ** 32).toString(16)}`;
    },
  };
  return {
    clock,
    store,
    random,
    desk: { store, space, service: "web", operator: "ann@laptop", clock, random },
    host: (name, declaration, floor = 0) =>
      createCoordinator({
        store,
        service: "web",
        host: name,
        declaration: { ...declared, ...declaration },
        floor: () => floor,
        clock,
        random,
        logger,
      }),
    record: () => decodeRecord(new TextEncoder().encode(store.text(space.record) ?? "")),
    down: new Set(),
    most: 0,
  };
}

export function request(attempt: string, more: Partial<SlotRequest> = {}): SlotRequest {
  return { attempt, purpose: "update", digest: good, artifact: "web.tar.gz", ownEnded: () => false, ...more };
}

export interface Course {
  readonly attempt?: string;
  readonly digest?: string;
  readonly outcome?: SlotOutcome;
  /** Between fence and finish. */
  readonly downtime?: number;
  readonly more?: Partial<SlotRequest>;
  readonly signal?: AbortSignal;
  readonly waits?: Waiting[];
}

/** One whole update of one host; resolves with what the fence said. */
export async function update(world: World, host: Coordinator, course: Course = {}): Promise<Fenced["outcome"]> {
  const { digest = good, outcome = "ok", downtime = 1000, signal = never } = course;
  const attempt = course.attempt ?? `${host.host}-${digest.slice(0, 4)}`;
  await host.acquire(request(attempt, { digest, ...course.more }), signal, (waiting) => course.waits?.push(waiting));
  using _beat = host.beat(attempt);
  const fenced = await host.fence({ attempt, digest }, signal);
  if (fenced.outcome === "fenced") {
    world.down.add(host.host);
    world.most = Math.max(world.most, world.down.size);
    await world.clock.sleep(downtime, signal);
    world.down.delete(host.host);
  }
  const ended = fenced.outcome === "fenced" ? outcome : "released";
  await host.finish({ attempt, digest, outcome: ended, reason: "a test", retract: false }, signal);
  return fenced.outcome;
}
