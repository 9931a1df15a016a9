import type { Milliseconds } from "../../src/domain/duration.ts";
import type { RolloutRecord } from "../../src/domain/rollout/record.ts";
import type { FaultKind } from "./fault-kinds.ts";
import type { Violates } from "./record-invariants.ts";
import type { World } from "./world.ts";

export interface Loss {
  readonly world: World;
  readonly before: RolloutRecord | undefined;
  readonly after: RolloutRecord;
}

/** L5: whoever holds a slot, lives, and reaches the store is not called lost by somebody who is as well as that. */
export function judgeLost({ world, before, after }: Loss, violates: Violates): void {
  if (after.writer.event !== "lost" || silencing.some((kind) => world.plan.faults[kind] > 0)) return;
  for (const [host, slot] of Object.entries(after.slots)) {
    if (slot.state !== "lost" || before?.slots[host]?.state === "lost") continue;
    // A slot that somebody brought back with an older record has no holder who knows of it.
    if (world.books.slots.get(host)?.since === 0) continue;
    const machine = world.books.attempts.get(slot.attempt)?.machine;
    if (!knows(world, machine, slot.attempt)) continue;
    const calm = (id: string) => wasCalm(world, id, slot.lostAfter + margin);
    if (machine === undefined || !calm(machine)) continue;
    const observers = world.hosts.filter(({ name }) => name === after.writer.host);
    if (!observers.every(({ id }) => calm(id))) continue;
    violates("L5", `${host} was called lost, and is well`);
  }
}

/** A machine that lost its memory holds nothing: its slot is rightly called lost, however well it is. */
function knows({ hosts }: World, machine: string | undefined, attempt: string): boolean {
  const journal = hosts.find(({ id }) => id === machine)?.journal;
  if (journal?.updates.get("web")?.id === attempt) return true;
  return journal?.states.get("web")?.rollout?.owed?.some((one) => one.attempt === attempt) ?? false;
}

/** These keep single signs of life from the store, or show an observer old ones. */
const silencing: readonly FaultKind[] = ["lost request", "late", "refused", "busy", "slow", "stale"];

/** For the beats on either side, and for clocks that run fast. */
const margin: Milliseconds = 2 * 60_000;

function wasCalm({ hosts, timeline }: World, id: string, duration: Milliseconds): boolean {
  const host = hosts.find((one) => one.id === id);
  if (host?.agent === undefined || host.agent.life.still) return false;
  return timeline.now() - host.disturbedUntil > duration;
}
