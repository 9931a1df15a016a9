import type { DeniedRelease } from "../domain/denied-release.ts";
import type { FailureNote } from "../domain/failures/failure.ts";
import type { Marker, Release } from "../domain/release.ts";
import type { Waiting } from "../domain/rollout/waiting.ts";
import type { Configuration } from "../domain/service.ts";
import type { EvidenceLine, UpdateOutcome } from "../update/record.ts";
import type { StateName } from "../update/states.ts";
import type { FleetStatus } from "./fleet-status.ts";

/** What a service does and how it fares, as `status` shows it. Times are milliseconds since 1970. */
export interface ServiceStatus {
  readonly service: string;
  readonly artifact: string;
  readonly destination: string;
  readonly state: StateName;
  /** That update was left open, and nobody is at work on it. */
  readonly interrupted?: true;
  /** When this state of an update was entered; undefined when idle. */
  readonly since?: number;
  /** What the repository offers, as far as this host knows. */
  readonly wanted?: { readonly marker?: Marker; readonly digest?: string; readonly version?: string };
  readonly running?: Release;
  /** Something at the destination that Dropship did not put there; "unknown": its file system does not answer. */
  readonly foreign?: "file" | "folder" | "link" | "unknown";
  /** "unknown": no health block, or nothing runs. */
  readonly health: "healthy" | "unhealthy" | "unknown";
  readonly pinned?: string;
  readonly paused: boolean;
  readonly broken: boolean;
  readonly denied: readonly DeniedRelease[];
  readonly lastCheck?: { readonly at: number; readonly failure?: FailureNote };
  readonly nextCheck?: number;
  readonly lastUpdate?: Attempt;
  readonly progress?: Progress;
  /** Why its update waits for a slot. */
  readonly waiting?: Waiting;
  /** Undefined: it updates on its own. */
  readonly fleet?: FleetStatus;
}

export interface Progress {
  readonly state: StateName;
  readonly done: number;
  readonly total?: number;
}

/** One finished attempt, as `history` shows it. */
export interface Attempt {
  readonly id: string;
  readonly service: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly outcome: UpdateOutcome;
  readonly intent: "update" | "activate";
  readonly attempt: number;
  readonly target?: Release;
  readonly previous?: Release;
  readonly failure?: FailureNote;
  /** How long the service was down or unproven: from the first before hook to the outcome; milliseconds. */
  readonly downtime?: number;
  /** How long it held its slot, to the outcome; milliseconds. */
  readonly held?: number;
  /** It ended while it waited for its slot: nothing was touched. */
  readonly waited?: true;
}

export interface CheckReport {
  readonly service: string;
  readonly outcome: "up-to-date" | "update-available" | "refused" | "pinned" | "paused" | "failed";
  readonly marker?: Marker;
  readonly running?: Release;
  readonly reason?: FailureNote;
}

/** What travels while a long operation runs. */
export type OperationEvent =
  | { readonly type: "state"; readonly service: string; readonly state: StateName }
  | { readonly type: "progress"; readonly service: string; readonly progress: Progress }
  | { readonly type: "evidence"; readonly service: string; readonly line: EvidenceLine }
  | { readonly type: "waiting"; readonly service: string; readonly waiting: Waiting };

export type OnEvent = (event: OperationEvent) => void;

/**
 * Everything that a person can ask of an agent. The running agent offers it over its control socket; without one the
 * command line takes the agent's lock and does the same in its own process.
 */
export interface Operations {
  status(service?: string): Promise<readonly ServiceStatus[]>;
  history(service: string, limit: number): Promise<readonly Attempt[]>;
  releases(service: string): Promise<readonly (Release & { readonly current: boolean; readonly good: boolean })[]>;
  /** The evidence of one attempt; the last one when `attempt` is undefined. */
  evidence(
    service: string,
    attempt?: string,
  ): Promise<{ readonly attempt: Attempt; readonly lines: readonly EvidenceLine[] }>;
  check(service: string | undefined): Promise<readonly CheckReport[]>;
  /** Checks at once and, where something changed, updates; resolves when every update ended. */
  update(service: string | undefined, onEvent: OnEvent): Promise<readonly (Attempt | CheckReport)[]>;
  /** Goes to a kept release at once: the last good one before the current when `release` is undefined. */
  rollback(service: string, release: string | undefined, onEvent: OnEvent): Promise<Attempt>;
  pin(service: string, release: string | undefined, onEvent: OnEvent): Promise<Attempt | undefined>;
  unpin(service: string): Promise<void>;
  pause(service: string | undefined): Promise<void>;
  resume(service: string | undefined): Promise<void>;
  /** Forgets that contents went bad here and tries again at once. */
  retry(service: string, onEvent: OnEvent): Promise<readonly (Attempt | CheckReport)[]>;
  reload(): Promise<Configuration>;
}
