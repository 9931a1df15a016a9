import type { Milliseconds } from "../duration.ts";
import type { Waiting } from "./waiting.ts";

/** What one host says of one service, for people: no rule depends on it but the count of hosts when a rollout begins. */
export interface HostReport {
  readonly format: 1;
  readonly host: string;
  readonly service: string;
  /** By the host's clock; milliseconds since 1970. */
  readonly at: number;
  /** The next one comes after so long at the latest. */
  readonly every: Milliseconds;
  readonly agent: string;
  readonly running?: { readonly id: string; readonly digest: string; readonly version?: string };
  /** What runs did not prove good here: it could not be taken back, say. */
  readonly unproven?: true;
  /** The digest that it is updating to or waits for. */
  readonly wanted?: string;
  /** The state of its update; "idle" without one. */
  readonly state: string;
  readonly waiting?: Waiting;
  readonly last?: {
    readonly attempt: string;
    readonly outcome: string;
    readonly endedAt: number;
    /** From the slot to the outcome. */
    readonly held?: Milliseconds;
    readonly downtime?: Milliseconds;
    readonly reason?: string;
  };
  /** From the slot to the outcome, in the last update that went well. */
  readonly usual?: Milliseconds;
  /** The highest `seq` of the record that it has seen. */
  readonly floor: number;
}
