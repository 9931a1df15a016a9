import type { LogFields, LogLevel } from "../../src/platform/ports.ts";
import { spaceOf } from "../../src/rollout/keys.ts";
import type { OperatorDesk } from "../../src/rollout/operate.ts";
import { type Books, emptyBooks } from "./books.ts";
import { type CentralStore, createCentralStore, type Tampering } from "./central-store.ts";
import { createDepot, type Depot } from "./depot.ts";
import type { Dice } from "./dice.ts";
import { createFaults, type Faults } from "./faults.ts";
import { createHost, type Host, startService } from "./host.ts";
import { createLife } from "./life.ts";
import { type Caller, type LinkParts, type Path, storeThrough } from "./link.ts";
import { machineClock } from "./machine-clock.ts";
import { start } from "./machines.ts";
import { createObserver, type Observer } from "./observer.ts";
import type { Plan } from "./plan.ts";
import type { HookRun } from "./service.ts";
import { settle } from "./settle.ts";
import { createTimeline, type Timeline } from "./timeline.ts";
import { createTrace, type Trace } from "./trace.ts";

/** A whole fleet with all that it lives in. Nothing of it is real but the code that it tries. */
export interface World {
  readonly plan: Plan;
  readonly timeline: Timeline;
  readonly trace: Trace;
  readonly depot: Depot;
  readonly central: CentralStore;
  /** Clones and hosts that are gone among them. */
  readonly hosts: readonly Host[];
  readonly books: Books;
  readonly faults: Faults;
  readonly observer: Observer;
  readonly desk: OperatorDesk;
  /** The first promise that was broken. */
  readonly violation: Violation | undefined;
  violate(invariant: string, problem: string): void;
  linkOf(caller: Caller, cut: Path["cut"]): LinkParts;
  newName(dice: Dice): string;
  /** A hook did its work on this machine. */
  act(host: Host, run: HookRun): void;
  /** Another machine begins under the name of this one. */
  clone(of: Host): void;
  /** Whether there was a record to tamper with. */
  tamper(how: Tampering): boolean;
  readonly log: ((host: Host, level: LogLevel, event: string, fields: LogFields | undefined) => void) | undefined;
}

export interface Violation {
  readonly invariant: string;
  readonly problem: string;
}

/** Both are told as they come. */
export interface Listeners {
  readonly trace?: (line: string) => void;
  readonly logs?: boolean;
}

const space = spaceOf("web", "default");

export async function createWorld(plan: Plan, listeners: Listeners = {}): Promise<World> {
  const timeline = createTimeline();
  const trace = createTrace(timeline.now, listeners.trace);
  const { dice } = plan;
  const networkDice = dice.fork();
  const hosts: Host[] = [];
  let names = 0;
  let violation: Violation | undefined;
  const delay = () => networkDice.scaled(plan.store.delay[0], plan.store.delay[1]);

  const world: World = {
    plan,
    timeline,
    trace,
    hosts,
    books: emptyBooks(),
    depot: createDepot(dice.fork(), { ...plan.depot, now: () => 1_749_000_000_000 + timeline.now() }),
    central: createCentralStore((key, bytes) => {
      if (key === space.record) world.observer.recordWritten(bytes);
    }),
    get violation() {
      return violation;
    },
    violate(invariant, problem) {
      trace.note("VIOLATED", invariant, problem);
      violation ??= { invariant, problem };
    },
    linkOf: (caller, cut) => ({
      caller,
      path: { fate: () => world.faults.message(), delay, cut },
      store: world.central,
      timeline,
      pace: plan.store.pace,
      note: (what, detail) => trace.note(caller.name, what, detail),
    }),
    newName(own) {
      names += 1;
      return `${names.toString(16).padStart(8, "0")}${Math.floor(own.fraction() * 2 ** 32)
        .toString(16)
        .padStart(24, "0")}`;
    },
    act(host, { stage }) {
      if (stage === "before") host.service.runs = undefined;
      if (stage === "after") startService(host, timeline.now());
    },
    clone(of) {
      const clone = createHost({ ...partsOf(hosts.length), name: of.name });
      hosts.push(clone);
      startService(clone, timeline.now());
      start(world, clone);
    },
    tamper(back) {
      world.observer.tampering(true);
      const done = world.central.tamper(space.record, back);
      world.observer.tampering(false);
      return done;
    },
    log: listeners.logs
      ? (host, level, event, fields) => trace.note(host.id, `log ${level}: ${event}`, JSON.stringify(fields ?? {}))
      : undefined,
    get faults() {
      return faults;
    },
    get observer() {
      return observer;
    },
    get desk() {
      return desk;
    },
  };
  const partsOf = (number: number) => ({
    number,
    id: `host-${number + 1}`,
    name: `host-${number + 1}`,
    dice: dice.fork(),
    timeline,
    clocks: plan.clocks,
  });
  const observer = createObserver(world);
  const desk = deskOf(world);
  for (let number = 0; number < plan.hosts; number += 1) hosts.push(createHost(partsOf(number)));
  await settle(world);
  const faults = createFaults(world);
  return world;
}

function deskOf(world: World): OperatorDesk {
  const { plan, timeline } = world;
  const dice = plan.dice.fork();
  const machine = machineClock(timeline, 1, 0);
  const life = createLife(machine, () => "none");
  const caller: Caller = { name: "operator", hear: life.hear };
  return {
    store: storeThrough(world.linkOf(caller, () => "open")),
    space,
    service: "web",
    operator: "operator ann@laptop",
    clock: life.clock,
    random: { fraction: dice.fraction, name: () => world.newName(dice) },
  };
}
