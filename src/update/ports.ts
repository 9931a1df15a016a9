import type { Waiting } from "../domain/rollout/waiting.ts";
import type { HealthDeclaration, HookStage, ServiceDeclaration } from "../domain/service.ts";
import type { Bytes } from "../domain/size.ts";
import type { Hook } from "../drivers/hooks/hook.ts";
import type { Probe } from "../drivers/probes/probe.ts";
import type { Download, Repository } from "../drivers/repositories/repository.ts";
import type { Clock, Logger, Random } from "../platform/ports.ts";
import type { ReleaseStore } from "../releases/release-store.ts";
import type { Coordinator, Fenced } from "../rollout/coordinator.ts";
import type { EvidenceLine, UpdateRecord } from "./record.ts";
import type { ServiceState } from "./service-state.ts";
import type { StateName } from "./states.ts";

/** A probe with the rules that its answers are judged by. */
export interface ServiceProbe {
  readonly declaration: HealthDeclaration;
  readonly probe: Probe;
}

export interface FreeSpace {
  readonly bytes: Bytes;
  /** Files and folders that can still be made; undefined where the file system does not count them. */
  readonly inodes?: number;
}

/** Where the download of one service lies until it is staged: a folder that only the agent may enter. */
export interface DownloadPlace {
  /** The same for every attempt, so that a stopped download is continued. */
  readonly file: string;
  free(): Promise<FreeSpace>;
  /** Removes the download and what belongs to it; nothing happens when there is none. */
  discard(): Promise<void>;
}

/** What a running update tells whoever looks on: the same events that travel over the control socket. */
export type UpdateEvent =
  | { readonly type: "state"; readonly service: string; readonly state: StateName }
  | {
      readonly type: "progress";
      readonly service: string;
      readonly progress: { readonly state: StateName; readonly done: number; readonly total?: number };
    }
  | { readonly type: "evidence"; readonly service: string; readonly line: EvidenceLine }
  /** It waits for its slot, and why; said again when the reason changes. */
  | { readonly type: "waiting"; readonly service: string; readonly waiting: Waiting };

/** Keeps the record, and what is remembered of the service, so that both survive a crash at any moment. */
export interface UpdateJournal {
  /** What is remembered of a service; a blank state when nothing is. */
  service(name: string): ServiceState;
  /**
   * Returns once both are on the disk, or throws ("journal-unwritable") and then neither is. An update that is "idle"
   * moves to the history.
   */
  write(update: UpdateRecord, service?: ServiceState): void;
  /** What is remembered of the service from now on; on the disk when this returns, like all that is written. */
  remember(service: ServiceState): void;
  /** An update of this service that ended; undefined when none of this id is known. */
  attempt(service: string, id: string): { readonly id: string } | undefined;
}

/** Work that nobody waits for, announcements above all; never lost sight of. */
export interface Background {
  /** Starts `work`; its signal aborts when `settle` runs out of patience. What it throws is logged. */
  start(label: string, work: (signal: AbortSignal) => Promise<void>): void;
  /** Resolves when all work ended, at the latest `limit` milliseconds from now: what is left then is aborted. */
  settle(limit: number): Promise<void>;
}

/** The slot of one update, as long as this agent works on it. An update that needs none passes everywhere at once. */
export interface SlotKeeper extends Disposable {
  /** Gives signs of life from now on, until disposed of or `rest`. */
  beat(update: UpdateRecord): void;
  rest(): void;
  /** Asks whether the switch may be. Rejects only with the signal's reason. */
  fence(update: UpdateRecord, signal: AbortSignal): Promise<Fenced | undefined>;
  /** Whether the last answer is still good to switch on. */
  isFresh(update: UpdateRecord): boolean;
}

/** What one service's updates are given; they see nothing else of the world. */
export interface ServicePorts {
  readonly service: ServiceDeclaration;
  /** The name of this host, for `{{.Hostname}}`. */
  readonly hostname: string;
  readonly repository: Repository;
  readonly download: Download;
  readonly downloads: DownloadPlace;
  readonly releases: ReleaseStore;
  /** In file order within each stage. */
  readonly hooks: Readonly<Record<HookStage, readonly Hook[]>>;
  readonly probes: readonly ServiceProbe[];
  /** Undefined: hosts are not coordinated. */
  readonly coordinator?: Coordinator;
  readonly journal: UpdateJournal;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Never throws and never waits. */
  readonly notify: (event: UpdateEvent) => void;
  /** Whether the host is shutting down. Undefined: nobody can tell. */
  readonly hostLeaves?: () => Promise<boolean>;
}

/** What the steps of one update are given. */
export interface UpdatePorts extends ServicePorts {
  /** Of this update alone: its end waits for no other's announcements, and ends none of them. */
  readonly background: Background;
  /** Of this update alone, too. */
  readonly slot: SlotKeeper;
}
