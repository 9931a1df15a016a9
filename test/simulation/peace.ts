import type { Milliseconds } from "../../src/domain/duration.ts";
import type { Published } from "./depot.ts";
import { type Host, standing } from "./host.ts";
import { follow, heal } from "./repair.ts";
import type { World } from "./world.ts";

/** What must come true in the end, when nothing fails any more: safety was looked at all the time, this is liveness. */

const minute = 60_000;
/** A host waits an hour at the most after failed attempts; then each has its turn. */
const patience: Milliseconds = 150 * minute;
const turn: Milliseconds = 8 * minute;
/** Somebody looks at the fleet so often. */
const look: Milliseconds = 5 * minute;
const blink: Milliseconds = 10_000;
/** For what was under way when the faults ended. */
const calm: Milliseconds = 10 * minute;
/** A loop that did not ask its repository for so long is dead: the longest wait between two checks is 10 minutes. */
const longestSilence: Milliseconds = 20 * minute;

export async function peace(world: World): Promise<void> {
  heal(world);
  await pass(world, calm);
  const good = world.depot.publish("good");
  world.trace.note("depot", "publishes good");
  await until(world, "L1", () => missing(world, good));
  if (world.plan.ending === "bad and then good" && world.plan.service.probe !== undefined) await badDay(world, good);
  for (const host of living(world)) {
    const silent = world.timeline.now() - host.lookedAt;
    if (silent > longestSilence)
      world.violate("L4", `${host.id} has not looked for ${Math.round(silent / minute)} minutes`);
  }
}

/** L2: a release that is bad everywhere reaches few hosts, and none of them stays on it. A budget may be as large as the fleet. */
async function badDay(world: World, good: Published): Promise<void> {
  const bad = world.depot.publish("bad");
  world.trace.note("depot", "publishes bad");
  await until(world, "L2", () => notHalted(world, good, bad));
  const { plan } = world.books.record ?? {};
  const touched = [...world.books.attempts.values()].filter(
    ({ update }) => update.target?.digest === bad.digest && update.downSince !== undefined,
  );
  const most = (plan?.limit ?? 0) + (plan?.failureBudget ?? 0);
  if (touched.length > most) world.violate("L2", `${touched.length} hosts took the bad release, ${most} may`);
}

/** Lets time pass, with somebody who looks at the fleet, until nothing is missing. */
async function until(world: World, invariant: string, missing: () => string | undefined): Promise<void> {
  const end = world.timeline.now() + patience + living(world).length * turn;
  for (;;) {
    for (let passed = 0; passed < look; passed += blink) {
      await pass(world, blink);
      if (world.violation || missing() === undefined) return;
    }
    if (world.timeline.now() >= end) return world.violate(invariant, missing() ?? "");
    follow(world);
  }
}

function pass(world: World, duration: Milliseconds): Promise<void> {
  return world.timeline.run(world.timeline.now() + duration, () => world.violation !== undefined);
}

function living({ hosts }: World): readonly Host[] {
  return hosts.filter(({ gone }) => !gone);
}

/** What is missing until the whole fleet has a good release; undefined: nothing. */
function missing(world: World, { digest }: Published): string | undefined {
  for (const host of living(world)) {
    const problem = notOn(host, digest);
    if (problem) return problem;
  }
  const { record } = world.books;
  if (record?.release?.digest !== digest) return "the record speaks of another release";
  if (record.phase !== "complete") return `the rollout is ${record.phase}`;
  return slotLeft(world) ?? owed(world);
}

function notHalted(world: World, good: Published, bad: Published): string | undefined {
  const { record } = world.books;
  if (record?.release?.digest !== bad.digest) return "the record does not speak of the bad release";
  const refuses = ({ journal }: Host) => journal.states.get("web")?.denied.some(({ digest }) => digest === bad.digest);
  const halts = living(world).length > record.plan.failureBudget;
  if (halts && record.phase !== "halted") return `the rollout of a bad release is ${record.phase}`;
  if (halts && !record.denied.some(({ digest }) => digest === bad.digest)) return "the bad release is not denied";
  if (!halts && !living(world).every(refuses)) return "not every host refuses the bad release";
  for (const host of living(world)) {
    const problem = notOn(host, good.digest, "waiting");
    if (problem) return problem;
  }
  return slotLeft(world);
}

function notOn(host: Host, digest: string, update: "ended" | "waiting" = "ended"): string | undefined {
  const open = host.journal.updates.get("web");
  if (open !== undefined && (update === "ended" || open.downSince !== undefined)) return `${host.id} is ${open.state}`;
  const { runs } = host.service;
  if (standing(host) !== digest || runs !== digest)
    return `${host.id} runs ${runs?.slice(0, 8)}, not ${digest.slice(0, 8)}`;
  const { current } = host.journal.states.get("web") ?? {};
  return current?.digest === digest ? undefined : `the journal of ${host.id} says something else`;
}

/** I6: what the store did not take at first, it was told again. */
function owed(world: World): string | undefined {
  const owes = living(world).find(({ journal }) => journal.states.get("web")?.rollout?.owed.length);
  return owes && `${owes.id} still owes its fleet a word`;
}

/** I6: nothing is left in the record of an update that ended. */
function slotLeft({ books }: World): string | undefined {
  const [left] = Object.entries(books.record?.slots ?? {});
  return left && `${left[0]} still holds a slot (${left[1].state})`;
}
