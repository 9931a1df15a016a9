import type { FaultKind } from "./fault-kinds.ts";
import { start } from "./machines.ts";
import { peace } from "./peace.ts";
import { type Plan, planOf, type Wishes } from "./plan.ts";
import { createWorld, type Listeners, type Violation, type World } from "./world.ts";

/** What one run came to. */
export interface Run {
  readonly seed: number;
  readonly hash: string;
  readonly violation: Violation | undefined;
  /** The last that happened, in words. */
  readonly last: readonly string[];
  readonly figures: Figures;
}

/** What a run did; sums over many runs are made of these. */
export interface Figures {
  readonly runs: number;
  readonly events: number;
  readonly steps: number;
  /** Updates of one host that came to a slot or further, by how they ended. */
  readonly updates: number;
  readonly hours: number;
  readonly requests: number;
  readonly conflicts: number;
  readonly faults: Readonly<Partial<Record<FaultKind, number>>>;
}

/** One seed, one run: trouble first, in which nothing may break; then peace, in which everything must come to its end. */
export async function runSeed(seed: number, wishes: Wishes = {}, listeners: Listeners = {}): Promise<Run> {
  const plan = planOf(seed, wishes);
  const world = await createWorld(plan, listeners);
  await trouble(world, plan);
  if (world.violation === undefined && plan.store.broken === undefined) await peace(world);
  return {
    seed,
    hash: world.trace.hash(),
    violation: world.violation,
    last: world.violation ? world.trace.last() : [],
    figures: figuresOf(world),
  };
}

/** Hosts start, uploads come, faults happen; every promise is looked at after every step. */
async function trouble(world: World, plan: Plan): Promise<void> {
  const { timeline, depot } = world;
  for (const host of world.hosts) timeline.in(host.dice.scaled(10, 60_000), () => start(world, host));
  for (const { at, quality, again } of plan.uploads) {
    timeline.at(at, () => {
      const earlier = again === undefined ? undefined : [...depot.published.keys()].at(-1 - again);
      world.trace.note("depot", earlier === undefined ? `publishes ${quality}` : "publishes an older one again");
      if (earlier === undefined) depot.publish(quality);
      else depot.publishAgain(earlier);
    });
  }
  await timeline.run(plan.trouble, () => world.violation !== undefined);
}

function figuresOf({ trace, timeline, books, central, faults }: World): Figures {
  const { conflict, ...requests } = central.requests;
  const updates = [...books.attempts.values()].filter(({ update }) => update.heldSince !== undefined).length;
  return {
    runs: 1,
    events: trace.events(),
    steps: timeline.steps(),
    updates,
    hours: timeline.now() / 3_600_000,
    requests: Object.values(requests).reduce((sum, one) => sum + one, 0),
    conflicts: conflict,
    faults: Object.fromEntries(faults.counts),
  };
}
