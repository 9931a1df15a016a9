import { setImmediate as nextTurn } from "node:timers/promises";
import { performUpdate, resumeUpdate, type UpdateOrder } from "../../src/update/perform-update.ts";
import type { UpdateRecord } from "../../src/update/record.ts";
import { startAgent } from "./mortal-agent.ts";
import type { World } from "./world.ts";
import { portsOf } from "./world-ports.ts";

/** Lets one agent do what is to be done, until it ended, stopped or died; `undefined` when it died. */
export async function live(
  world: World,
  order: UpdateOrder | undefined,
  stop: AbortSignal = new AbortController().signal,
): Promise<UpdateRecord | undefined> {
  const agent = startAgent(world);
  const ports = portsOf(world, agent);
  const found = world.journal.update;
  const task = found
    ? resumeUpdate(ports, found, stop)
    : order
      ? performUpdate(ports, order, stop)
      : Promise.reject(new Error("Nothing is to be done."));
  task.catch(() => {});
  try {
    return await world.clock.run(task, () => agent.dead);
  } catch (thrown) {
    if (agent.dead) return undefined;
    throw thrown;
  } finally {
    agent.dead = true;
    await nextTurn();
    world.clock.forget();
  }
}

/** Starts agents until one of them brings the update to its end. */
export async function liveOn(world: World, order: UpdateOrder, most = 100): Promise<UpdateRecord> {
  for (let lives = 0; lives < most; lives += 1) {
    const record = await live(world, world.journal.update ? undefined : order);
    if (record?.state === "idle") return record;
    const last = world.journal.history.at(-1);
    if (last && world.journal.update === undefined) return last;
  }
  throw new Error(`The update does not end: ${world.journal.update?.state}`);
}

export const update = (world: World): UpdateOrder => ({ intent: "update", marker: world.object.marker });
