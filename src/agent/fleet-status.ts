import type { Phase, RolloutRelease, Slot } from "../domain/rollout/record.ts";
import { slotOf } from "../domain/rollout/standing.ts";
import type { ServiceDeclaration } from "../domain/service.ts";
import type { Coordinator } from "../rollout/coordinator.ts";

/** How a service stands in its fleet, as this host knows it. */
export interface FleetStatus {
  /** This host's name among the others. */
  readonly host: string;
  readonly group: string;
  /** Where they meet. */
  readonly place: string;
  readonly safety: Coordinator["safety"];
  /** The rollout as it was seen last; undefined: not since the agent runs. */
  readonly seen?: {
    /** By this host's clock; milliseconds since 1970. */
    readonly at: number;
    readonly phase: Phase;
    readonly release?: RolloutRelease;
    /** How many of how many have the release. */
    readonly done: number;
    readonly hosts: number;
    /** Why it is halted. */
    readonly halt?: string;
    /** That of this host. */
    readonly slot?: Slot;
  };
}

export function fleetStatus(
  { rollout }: ServiceDeclaration,
  coordinator: Coordinator | undefined,
): FleetStatus | undefined {
  if (rollout === undefined || coordinator === undefined) return undefined;
  const { host, place, safety } = coordinator;
  const status = { host, group: rollout.group, place, safety };
  const sight = coordinator.seen();
  if (sight === undefined) return status;
  const { phase, release, ok, hosts, halt } = sight.record;
  const slot = slotOf(sight.record, host);
  return {
    ...status,
    seen: {
      at: sight.at,
      phase,
      ...(release && { release }),
      done: ok.count,
      hosts,
      ...(halt && { halt: halt.reason }),
      ...(slot && { slot }),
    },
  };
}
