import type { Milliseconds } from "../domain/duration.ts";
import { Failure, failure } from "../domain/failures/failure.ts";
import type { Slot } from "../domain/rollout/record.ts";
import type { RolloutDeclaration, ServiceDeclaration } from "../domain/service.ts";
import type { Store } from "../drivers/stores/store.ts";
import { spaceOf } from "../rollout/keys.ts";
import { type Operated, type OperatorWord, operate } from "../rollout/operate.ts";
import { overview, type RolloutOverview } from "../rollout/overview.ts";
import { type Vigil, watchHolder } from "../rollout/sign-of-life.ts";
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
  watchHolder(host: string, slot: Slot): Promise<Vigil>;
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
const remarkAfter: Milliseconds = 3_000;

/** Lets `use` meet a fleet; the store is open meanwhile. */
export async function atFleetDesk<Result>(
  { service, group, ports, stop }: DeskOptions,
  use: (desk: FleetDesk) => Promise<Result>,
): Promise<Result> {
  const store = storeOf(service, ports);
  try {
    return await use(deskAt({ store, service, group, operator: operatorAt(ports.hostname), ...ports, stop }));
  } catch (thrown) {
    throw forPerson(thrown, service.name, ports);
  } finally {
    store.close();
  }
}

export interface DeskParts extends Pick<AgentPorts, "clock" | "random" | "logger"> {
  readonly store: Store;
  readonly service: CoordinatedService;
  /** Undefined: the one in the configuration. */
  readonly group: string | undefined;
  /** "ann@laptop" */
  readonly operator: string;
  readonly stop: AbortSignal;
}

/** Exported for its tests. */
export function deskAt(parts: DeskParts): FleetDesk {
  const { store, service, clock, stop, group = service.rollout.group } = parts;
  const { place, safety, pace } = store;
  const space = spaceOf(service.name, group);
  const desk = { ...parts, space, service: service.name };
  const within = async <Answer>(
    patience: Milliseconds,
    doing: string,
    ask: (limit: AbortSignal) => Promise<Answer>,
  ) => {
    const problem = `no answer within ${patience / 1000} s`;
    using limit = clock.deadline(patience, () => failure("rollout-store-unanswered", { place, doing, problem }), stop);
    return await orAborted(ask(limit.signal), limit.signal);
  };
  return {
    service,
    group,
    place,
    safety,
    pace,
    look: () => within(lookPatience, "tell of a rollout", (limit) => overview(store, space, limit)),
    watch: (most) => watchRollout({ store, space, clock, most }, stop),
    say: (word) => within(wordPatience, "change a rollout", (limit) => saidAloud(parts, operate(desk, word, limit))),
    watchHolder: (host, slot) => watchHolder({ store, space, clock }, host, slot, stop),
  };
}

/** A person who waits for a store that does not answer is told so. */
async function saidAloud<Answer>({ clock, logger, store }: DeskParts, answer: Promise<Answer>): Promise<Answer> {
  const over = new AbortController();
  const remark = () => logger.log("warn", `${store.place} has not taken it yet; it is asked again for half a minute`);
  void clock.sleep(remarkAfter, over.signal).then(remark, () => undefined);
  try {
    return await answer;
  } finally {
    over.abort(new Error("it answered"));
  }
}

/** An agent asks again by itself; a person has to. What a store said may hold what must not be shown. */
function forPerson(thrown: unknown, service: string, { conceal }: AgentPorts): unknown {
  if (!(thrown instanceof Failure)) return thrown;
  const { code, message, remedy, cause } = thrown;
  return new Failure(code, conceal(message), conceal(remedyFor(code, service) ?? remedy), cause);
}

function remedyFor(code: Failure["code"], service: string): string | undefined {
  switch (code) {
    case "rollout-store-unanswered":
    case "rollout-store-busy":
      return `See whether this machine reaches it ("dropship doctor ${service}" tries it), then say it again.`;
    case "record-unreadable":
      return `If a newer version of Dropship wrote it, upgrade this one; if it was damaged, restore it, or say "dropship rollout retry ${service}" to begin a new one.`;
    default:
      return undefined;
  }
}
