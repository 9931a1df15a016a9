import type { Milliseconds } from "../../src/domain/duration.ts";
import { nonsense } from "./central-store.ts";
import type { DepotFate } from "./depot.ts";
import type { Dice } from "./dice.ts";
import type { FaultKind, faultKinds } from "./fault-kinds.ts";
import type { Host } from "./host.ts";
import type { Blow } from "./life.ts";
import type { MessageFate } from "./link.ts";
import { beginAnew, disturb, kill, lose, powerCut, restart, standStill, suspend } from "./machines.ts";
import { edit, fleetWord, hostWord } from "./operators.ts";
import type { HookFate } from "./service.ts";
import type { World } from "./world.ts";

/** What goes wrong, thrown as it goes; and how often each kind did. */
export interface Faults {
  readonly counts: ReadonlyMap<FaultKind, number>;
  /** From now on, nothing new goes wrong. */
  end(): void;
  strike(host: Host, moment: string): Blow;
  message(): MessageFate;
  hook(): HookFate;
  depot(): DepotFate;
  /** Whether this change of a disk fails. */
  disk(): boolean;
}

const second = 1000;
const minute = 60_000;
const hour = 3_600_000;

export function createFaults(world: World): Faults {
  const { plan, timeline } = world;
  const dice = plan.dice.fork();
  const counts = new Map<FaultKind, number>();
  let on = true;

  const happened = (kind: FaultKind) => {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    world.trace.note("fault", kind);
  };
  /** Which of these kinds happens now, by one throw. */
  const thrown = <Kind extends FaultKind>(kinds: readonly Kind[]): Kind | undefined => {
    if (!on) return undefined;
    let left = dice.fraction();
    for (const kind of kinds) {
      left -= plan.faults[kind];
      if (left >= 0) continue;
      happened(kind);
      return kind;
    }
    return undefined;
  };
  const again = (host: Host) => {
    if (!on || !dice.chance(plan.faults["killed again"])) return;
    happened("killed again");
    host.doom = dice.whole(0, 80);
  };
  const blows: Readonly<Record<(typeof ofCall)[number], (host: Host) => Blow>> = {
    "agent killed"(host) {
      kill(world, host, backAfter(dice));
      again(host);
      return "ends";
    },
    "power cut"(host) {
      powerCut(world, host, dice.scaled(5 * second, 30 * minute));
      again(host);
      return "ends";
    },
    "agent stands still"(host) {
      standStill(world, host, dice.scaled(second, 60 * minute));
      return "stands still";
    },
  };

  for (const kind of Object.keys(timed) as (keyof typeof timed)[]) {
    const next = () => {
      if (plan.faults[kind] === 0) return;
      timeline.in((-Math.log(1 - dice.fraction()) * hour) / plan.faults[kind], () => {
        if (!on) return;
        if (timed[kind](world, dice)) happened(kind);
        next();
      });
    };
    next();
  }

  return {
    counts,
    end() {
      on = false;
    },
    strike(host, _moment) {
      if (!on || host.agent === undefined) return "none";
      if (host.doom > 0) {
        host.doom -= 1;
        if (host.doom === 0) return blows["agent killed"](host);
      }
      const kind = thrown(ofCall);
      return kind ? blows[kind](host) : "none";
    },
    message: () => fateOf(thrown(ofMessage), dice),
    hook: () => hookFates[thrown(ofHook) ?? "none"],
    depot() {
      const kind = thrown(ofRequest);
      if (kind === undefined) return "answered";
      return kind === "depot slow" ? "slow" : "refused";
    },
    disk: () => thrown(ofDisk) !== undefined,
  };
}

const ofCall = ["agent killed", "power cut", "agent stands still"] as const;
const ofDisk = ["disk error"] as const;
const ofMessage = ["lost request", "lost answer", "late", "doubled", "refused", "busy", "slow", "stale"] as const;
const ofRequest = ["depot refuses", "depot slow"] as const;
const ofHook = [
  "hook fails at first",
  "hook fails at last",
  "hook says not now",
  "hook hangs",
  "hook slow",
  "hook killed",
] as const;

function fateOf(kind: (typeof ofMessage)[number] | undefined, dice: Dice): MessageFate {
  switch (kind) {
    case undefined:
      return { kind: "answered" };
    case "late":
      return { kind, by: dice.scaled(10, 20 * minute) };
    case "doubled":
      return { kind, after: dice.scaled(1, 2 * minute) };
    case "slow":
      return { kind, by: dice.scaled(10, 9 * second) };
    case "stale":
      return { kind, back: dice.whole(1, 4) };
    default:
      return { kind };
  }
}

const hookFates: Readonly<Record<(typeof ofHook)[number] | "none", HookFate>> = {
  none: "well",
  "hook fails at first": "fails at first",
  "hook fails at last": "fails at last",
  "hook says not now": "not now",
  "hook hangs": "hangs",
  "hook slow": "slow",
  "hook killed": "killed",
};

/** Mostly soon, as a supervisor does it; sometimes when somebody looks. */
function backAfter(dice: Dice): Milliseconds {
  return dice.chance(0.85) ? dice.scaled(100, 15 * second) : dice.scaled(minute, 60 * minute);
}

type TimedKind = {
  [Kind in FaultKind]: (typeof faultKinds)[Kind]["of"] extends "hour" ? Kind : never;
}[FaultKind];

/** What happens by time, to somebody; whether it did. */
const timed: Readonly<Record<TimedKind, (world: World, dice: Dice) => boolean>> = {
  "agent stopped and started": (world, dice) => toSome(world, dice, (host) => restart(world, host)),
  "machine suspended": (world, dice) =>
    toSome(world, dice, (host) => suspend(world, host, dice.scaled(second, 60 * minute))),
  "machine sick": (world, dice) =>
    toSome(world, dice, ({ service }) => {
      service.sick = true;
      world.timeline.in(dice.scaled(10 * second, 30 * minute), () => {
        service.sick = false;
      });
    }),
  "clock set": (world, dice) =>
    toSome(world, dice, ({ clock }) => clock.jump(dice.pick([-1, 1]) * dice.scaled(second, 10_000 * hour))),
  "host gone": (world, dice) => {
    // A clone is shut off in the end: one of the others must be left.
    const left = world.hosts.filter(({ gone, number }) => !gone && number < world.plan.hosts);
    if (left.length <= Math.max(1, world.plan.hosts / 2)) return false;
    lose(world, dice.pick(left));
    return true;
  },
  "host reinstalled": (world, dice) => toSome(world, dice, (host) => beginAnew(world, host, "machine")),
  "state folder lost": (world, dice) => toSome(world, dice, (host) => beginAnew(world, host, "state folder")),
  "host cloned": (world, dice) =>
    world.hosts.length < world.plan.hosts + 2 && toSome(world, dice, (host) => world.clone(host)),
  "disk slow": (world, dice) =>
    toSome(world, dice, ({ diskState }) => {
      diskState.slow = dice.scaled(10, 3 * second);
      world.timeline.in(dice.scaled(second, 20 * minute), () => {
        diskState.slow = 0;
      });
    }),
  "disk full": (world, dice) =>
    toSome(world, dice, ({ diskState }) => {
      diskState.full = true;
      world.timeline.in(dice.scaled(second, 20 * minute), () => {
        diskState.full = false;
      });
    }),
  "host cut off": (world, dice) =>
    toSome(world, dice, (host) => {
      host.cut = dice.pick(["silent", "silent", "refused"]);
      const duration = dice.scaled(second, 60 * minute);
      disturb(world, host, duration);
      world.timeline.in(duration, () => {
        host.cut = "open";
      });
    }),
  "all cut off": (world, dice) => {
    const duration = dice.scaled(second, 30 * minute);
    for (const host of world.hosts) {
      host.cut = "silent";
      disturb(world, host, duration);
    }
    world.timeline.in(duration, () => {
      for (const host of world.hosts) host.cut = "open";
    });
    return true;
  },
  "store down"(world, dice) {
    const { central, timeline, hosts } = world;
    const duration = dice.scaled(second, 20 * minute);
    central.down = true;
    for (const host of hosts) disturb(world, host, duration);
    timeline.in(duration, () => {
      central.down = false;
    });
    return true;
  },
  "record removed": (world) => world.tamper("removed"),
  "record restored": (world, dice) => world.tamper(dice.whole(1, 12)),
  "record damaged": (world) => world.tamper("damaged"),
  "report damaged": (world, dice) =>
    toSome(world, dice, ({ name }) => world.central.put(`${world.desk.space.reports}${name}`, nonsense)),
  "depot down"({ depot, timeline }, dice) {
    depot.down = true;
    timeline.in(dice.scaled(second, 20 * minute), () => {
      depot.down = false;
    });
    return true;
  },
  "operator of the fleet": (world, dice) => fleetWord(world, dice),
  "operator of a host": (world, dice) => toSome(world, dice, (host) => hostWord(world, host, dice)),
  "configuration changed": (world, dice) => toSome(world, dice, (host) => edit(world, host, dice)),
};

function toSome(world: World, dice: Dice, act: (host: Host) => void): boolean {
  const there = world.hosts.filter(({ gone, off }) => !gone && !off);
  if (there.length === 0) return false;
  act(dice.pick(there));
  return true;
}
