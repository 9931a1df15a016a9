import type { Milliseconds } from "../../src/domain/duration.ts";
import type { Layout, RolloutDeclaration } from "../../src/domain/service.ts";
import { personalities } from "../rollout/personalities.ts";
import type { Quality } from "./depot.ts";
import { type Dice, diceFrom } from "./dice.ts";
import { type FaultKind, faultKinds } from "./fault-kinds.ts";

/** All that a seed decides before its world begins. What happens in it is thrown as it goes, from `dice`. */
export interface Plan {
  readonly seed: number;
  readonly dice: Dice;
  readonly hosts: number;
  readonly rollout: RolloutDeclaration;
  readonly service: {
    readonly layout: Layout;
    /** Whether two names can be swapped in one step on these disks. */
    readonly swaps: boolean;
    /** What stands at the destination when the world begins. */
    readonly before: "release" | "foreign" | "nothing";
    readonly checkInterval: Milliseconds;
    readonly bake: Milliseconds;
    readonly keepReleases: number;
    /** Undefined: nobody looks at its health. */
    readonly probe: { readonly interval: Milliseconds; readonly deadline: Milliseconds } | undefined;
    readonly updateDeadline: Milliseconds;
    readonly hookTimeout: Milliseconds;
    /** How long a hook takes at the most. */
    readonly hookTakes: Milliseconds;
    readonly startup: Milliseconds;
  };
  readonly store: {
    /** 0: it can be watched. */
    readonly pace: Milliseconds;
    /** One way; at least, and at most. */
    readonly delay: readonly [Milliseconds, Milliseconds];
    /** Whether each process tries the store's promises first, as it does in earnest. */
    readonly probed: boolean;
    /** In which way it breaks its promises; undefined: it keeps them. */
    readonly broken: string | undefined;
  };
  readonly depot: { readonly dated: boolean; readonly tagsContent: boolean };
  /** How far off their rates, and their wall clocks at first; "right": and whether nobody ever sets one wrong. */
  readonly clocks: { readonly rate: number; readonly offset: Milliseconds; readonly right: boolean };
  /** How long faults happen. */
  readonly trouble: Milliseconds;
  readonly uploads: readonly Upload[];
  /** How often each kind of fault happens; 0: not in this run. */
  readonly faults: Readonly<Record<FaultKind, number>>;
  /** What is asked of the fleet when the faults are over. */
  readonly ending: "good" | "bad and then good";
}

export interface Upload {
  readonly at: Milliseconds;
  readonly quality: Quality;
  /** The content of an earlier upload, this many before, once more. */
  readonly again?: number;
}

const seconds = 1000;
const minutes = 60_000;

export interface Wishes {
  /** So many hosts, whatever the seed says. */
  readonly hosts?: number;
  /** Every wall clock is right at all times. */
  readonly clocks?: "right";
  /** These kinds of faults do not happen. */
  readonly without?: readonly FaultKind[];
}

export function planOf(seed: number, wishes: Wishes = {}): Plan {
  const dice = diceFrom(seed);
  const hosts = wishes.hosts ?? hostsIn(dice);
  const trouble = hosts > 12 ? dice.scaled(3 * minutes, 12 * minutes) : dice.scaled(4 * minutes, 60 * minutes);
  const broken = dice.chance(0.03) ? dice.pick(personalities).name : undefined;
  return {
    seed,
    dice: dice.fork(),
    hosts,
    rollout: rolloutIn(dice, hosts),
    service: serviceIn(dice),
    store: {
      pace: dice.chance(0.6) ? 0 : dice.pick([2 * seconds, 5 * seconds, 15 * seconds]),
      delay: dice.pick([
        [1, 5],
        [5, 80],
        [20, 2 * seconds],
      ]),
      probed: broken !== undefined || dice.chance(0.1),
      broken,
    },
    depot: { dated: dice.chance(0.75), tagsContent: dice.chance(0.4) },
    clocks: clocksIn(dice, wishes),
    trouble,
    uploads: uploadsIn(dice, trouble),
    faults: faultsIn(dice, wishes),
    ending: dice.chance(0.4) ? "bad and then good" : "good",
  };
}

/** Small fleets find most; large ones find the rest. */
function hostsIn(dice: Dice): number {
  return dice.chance(0.02) ? dice.whole(15, 50) : dice.chance(0.25) ? dice.whole(5, 12) : dice.whole(1, 4);
}

function rolloutIn(dice: Dice, hosts: number): RolloutDeclaration {
  const limit = dice.chance(0.55) ? 1 : dice.whole(1, Math.max(2, Math.ceil(hosts / 2)));
  return {
    where: "web.hcl:2:3",
    limit: dice.chance(0.15) ? { percent: dice.whole(1, 60) } : { count: limit },
    canary: dice.pick([0, 1, 1, 1, 2]),
    failureBudget: dice.pick([0, 0, 0, 1, 2]),
    abortBudget: dice.pick([0, 1, 1, 3]),
    onHalt: dice.pick(["hold", "revert"]),
    group: "default",
    windows: [],
    lostAfter: dice.pick([90 * seconds, 5 * minutes, 15 * minutes]),
  };
}

function serviceIn(dice: Dice): Plan["service"] {
  const probed = dice.chance(0.85);
  return {
    layout: dice.pick(["symlink", "symlink", "in-place"]),
    swaps: dice.chance(0.7),
    before: dice.pick(["release", "release", "foreign", "nothing"]),
    checkInterval: dice.scaled(20 * seconds, 5 * minutes),
    bake: dice.pick([0, 5 * seconds, 60 * seconds]),
    keepReleases: dice.whole(1, 4),
    probe: probed ? { interval: dice.pick([1 * seconds, 5 * seconds]), deadline: 60 * seconds } : undefined,
    updateDeadline: dice.pick([10 * minutes, 60 * minutes]),
    hookTimeout: dice.pick([30 * seconds, 5 * minutes]),
    hookTakes: dice.pick([200, 5 * seconds, 20 * seconds]),
    startup: dice.pick([0, 3 * seconds]),
  };
}

function uploadsIn(dice: Dice, trouble: Milliseconds): readonly Upload[] {
  const uploads: Upload[] = [];
  for (let at = dice.between(0, 60 * seconds); at < trouble; at += dice.scaled(2 * minutes, 40 * minutes)) {
    const quality: Quality = dice.pick(["good", "good", "good", "bad", "picky", "faint"]);
    uploads.push({ at, quality, ...(dice.chance(0.15) && { again: dice.whole(1, 3) }) });
  }
  return uploads;
}

function clocksIn(dice: Dice, { clocks }: Wishes): Plan["clocks"] {
  const rate = dice.pick([0, 0.001, 0.03]);
  const offset = dice.pick([0, 1 * seconds, 60 * minutes, 20_000 * 60 * minutes]);
  return { rate, offset: clocks === "right" ? 0 : offset, right: clocks === "right" };
}

/** Some runs are calm; in each of the others about a third of all kinds happens, some rarely and some all the time. */
function faultsIn(dice: Dice, { without = [] }: Wishes): Plan["faults"] {
  const calm = dice.chance(0.08);
  const share = dice.pick([0.15, 0.35, 0.6]);
  const rates = (Object.keys(faultKinds) as FaultKind[]).map((kind) => {
    const rate = dice.scaled(faultKinds[kind].least, faultKinds[kind].most);
    return [kind, !calm && dice.chance(share) && !without.includes(kind) ? rate : 0];
  });
  return Object.fromEntries(rates);
}
