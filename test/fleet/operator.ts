import { systemClock } from "../../src/platform/clock.ts";
import { systemRandom } from "../../src/platform/random.ts";
import { spaceOf } from "../../src/rollout/keys.ts";
import { type OperatorWord, operate } from "../../src/rollout/operate.ts";
import type { FleetStore } from "./fleet.ts";

/** An operator's word, from a machine of its own. */
export async function say({ store }: FleetStore, word: OperatorWord): Promise<void> {
  const desk = { store, space: spaceOf("web", "default"), service: "web", operator: "operator ann@laptop" };
  await operate({ ...desk, clock: systemClock, random: systemRandom }, word, AbortSignal.timeout(30_000));
}
