import type { Milliseconds } from "../domain/duration.ts";
import { Failure, failure } from "../domain/failures/failure.ts";
import type { Slot } from "../domain/rollout/record.ts";
import type { RolloutDeclaration, ServiceDeclaration } from "../domain/service.ts";
import type { Store } from "../drivers/stores/store.ts";
import { spaceOf } from "../rollout/keys.ts";
import { type Operated, type OperatorWord, operate } from "../rollout/operate.ts";
import { overview, type RolloutOverview } from "../rollout/overview.ts";
import { givesSignOfLife } from "../rollout/sign-of-life.ts";
import { type RolloutSight, watchRollout } from "../rollout/watch-rollout.ts";
import { orAborted } from "../update/or-aborted.ts";
import type { AgentPorts } from "./agent-ports.ts";
import { operatorAt } from "./control/identity.ts";
import { storeOf } from "./store-of.ts";

/** A service whose hosts take turns. */
export type CoordinatedService = ServiceDeclaration & { readonly rollout: RolloutDeclaration };

/** One fleet, as an operator meets it in its store: from any machine with the configuration, without an agent. */
export interface FleetDesk {
  readonly service: CoordinatedService;
  readonly group: string;
  /** As a person would name it; no secret in it. */
  readonly place: string;
  readonly safety: Store["safety"];
  /** How long the next host takes to hear of a free slot, about. */
  readonly pace: Milliseconds;
  look(): Promise<RolloutOverview>;
  /** For so long at most. */
  watch(most: Milliseconds): AsyncIterable<RolloutSight>;
  say(word: OperatorWord): Promise<Operated>;
  /** Takes up to half a minute. */
  givesSignOfLife(host: string, slot: Slot): Promise<boolean>;
}

export interface DeskOptions {
  readonly service: CoordinatedService;
  /** Undefined: the one in the configuration. */
  readonly group: string | undefined;
  readonly ports: AgentPorts;
  /** Aborts when the person gives up. */
  readonly stop: AbortSignal;
}

/** For all that a store knows of a large fleet. */
const lookPatience: Milliseconds = 60_000;
/** Beyond the patience of the change itself. */
const wordPatience: Milliseconds = 60_000;

/** Lets `use` meet a fleet; the store is open meanwhile. */
export async function atFleetDesk<Result>(
  { service, group = service.rollout.group, ports, stop }: DeskOptions,
  use: (desk: FleetDesk) => Promise<Result>,
): Promise<Result> {
  const { clock } = ports;
  const space = spaceOf(service.name, group);
  const store = storeOf(service, ports);
  const { place, safety, pace } = store;
  const within = async <Answer>(
    patience: Milliseconds,
    doing: string,
    ask: (limit: AbortSignal) => Promise<Answer>,
  ) => {
    const problem = `no answer within ${patience / 1000} s`;
    using limit = clock.deadline(patience, () => failure("rollout-store-unanswered", { place, doing, problem }), stop);
    return await orAborted(ask(limit.signal), limit.signal);
  };
  const desk = { store, space, service: service.name, operator: operatorAt(ports.hostname), ...ports };
  try {
    return await use({
      service,
      group,
      place,
      safety,
      pace,
      look: () => within(lookPatience, "tell of a rollout", (limit) => overview(store, space, limit)),
      watch: (most) => watchRollout({ store, space, clock, most }, stop),
      say: (word) => within(wordPatience, "change a rollout", (limit) => operate(desk, word, limit)),
      givesSignOfLife: (host, slot) => givesSignOfLife({ store, space, clock }, host, slot, stop),
    });
  } catch (thrown) {
    throw concealed(thrown, ports);
  } finally {
    store.close();
  }
}

/** What a store said may hold what must not be shown. */
function concealed(thrown: unknown, { conceal }: AgentPorts): unknown {
  if (!(thrown instanceof Failure)) return thrown;
  const { code, message, remedy } = thrown;
  const shown = conceal(message);
  return shown === message ? thrown : new Failure(code, shown, conceal(remedy), thrown.cause);
}
