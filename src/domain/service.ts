import type { Milliseconds } from "./duration.ts";
import type { WantedVersion } from "./publishing/range.ts";
import type { Trust } from "./publishing/trust.ts";
import type { Bytes } from "./size.ts";

/** A block that chooses a driver by its word: `script { … }`, `artifact "s3" { … }`, `health "http" { … }`. */
export interface DriverBlock {
  readonly driver: string;
  /** Decoded against the driver's schema; the driver's `create` is the only one that looks inside. */
  readonly options: Readonly<Record<string, unknown>>;
  /** `file:line:column` of the block, for messages at run time. */
  readonly where: string;
}

export interface RepositoryDeclaration extends DriverBlock {}

/** Limits on what an archive may hold; a breach rejects the archive. */
export interface ArchiveLimits {
  readonly unpackedSize: Bytes;
  readonly entries: number;
  readonly depth: number;
  /** Unpacked bytes for each packed byte. */
  readonly ratio: number;
}

/** What an agent allows whose artifact block says nothing else. */
export const defaultLimits: ArchiveLimits = {
  unpackedSize: 16 * 1024 ** 3,
  entries: 1_000_000,
  depth: 64,
  ratio: 1000,
};

export interface ArtifactDeclaration {
  /** The word of the repository: `artifact "s3"`. `options` hold bucket, path and so on. */
  readonly block: DriverBlock;
  /** Undefined: the object itself is followed. Otherwise its path is the folder of what was published. */
  readonly follows?: FollowDeclaration;
  /** Absolute path the application runs from. */
  readonly destination: string;
  readonly contentType?: string;
  readonly owner?: string;
  readonly group?: string;
  /** Files get this mode, folders the same with `x` where there is `r`. Undefined: what the archive says, masked to 0755. */
  readonly mode?: number;
  readonly limits: ArchiveLimits;
}

/** Which published releases a service takes: `channel = …` or `version = …` in its artifact block. */
export interface FollowDeclaration {
  /** The name that the application was pushed under. */
  readonly application: string;
  readonly wanted: { readonly channel: string } | WantedVersion;
  /** Undefined: documents that nobody signed are taken. */
  readonly trust?: Trust;
}

export type HookStage = "before" | "after" | "success" | "failure";

export interface HookDeclaration extends DriverBlock {
  readonly stage: HookStage;
}

export interface HealthDeclaration extends DriverBlock {
  readonly interval: Milliseconds;
  /** For one probe. */
  readonly timeout: Milliseconds;
  /** For becoming healthy after the start. */
  readonly deadline: Milliseconds;
  /** Consecutive passes that make it healthy. */
  readonly passes: number;
  /** Consecutive failures during the bake that make it unhealthy again. */
  readonly failures: number;
}

export type Layout = "symlink" | "in-place";

/** How a release goes through the fleet: `rollout { … }`, or `sequentialUpdates = true`, which is `limit = 1`. */
export interface RolloutDeclaration {
  readonly where: string;
  /** How many hosts at a time; a share (more than 0, at most 100 percent) is turned into a count when a rollout begins. */
  readonly limit: { readonly count: number } | { readonly percent: number };
  /** So many hosts prove the release before the others follow; 0: nobody goes first. */
  readonly canary: number;
  readonly failureBudget: number;
  readonly abortBudget: number;
  readonly onHalt: "hold" | "revert";
  /** Hosts of one group share one record. */
  readonly group: string;
  /** None: at any time. */
  readonly windows: readonly WindowDeclaration[];
  /** A holder whose beat is not seen for so long is lost. */
  readonly lostAfter: Milliseconds;
}

/** A time in which updates may begin. */
export interface WindowDeclaration {
  readonly where: string;
  /** 0 is Sunday; those on which the window opens. */
  readonly days: readonly number[];
  /** Minutes after midnight. `to` at or before `from`: on the next day. */
  readonly from: number;
  readonly to: number;
  /** IANA name: "Europe/Berlin"; "UTC". */
  readonly zone: string;
  /** finish: what began in time goes on to its end. stop: what has not switched by then is given up. */
  readonly overrun: "finish" | "stop";
}

/** A service as its operator declared it. */
export interface ServiceDeclaration {
  readonly name: string;
  readonly where: string;
  readonly artifact: ArtifactDeclaration;
  readonly repository: RepositoryDeclaration;
  /** In file order within each stage. */
  readonly hooks: readonly HookDeclaration[];
  readonly health: readonly HealthDeclaration[];
  readonly checkInterval: Milliseconds;
  /** How long a release is watched after it became healthy, before it counts as good (`updateTTL`, the bake time). */
  readonly bake: Milliseconds;
  /** For one whole update, download to outcome. */
  readonly updateDeadline: Milliseconds;
  readonly keepReleases: number;
  /** Absolute path of the releases folder; undefined: `<parent of destination>/.dropship/<name>`. */
  readonly releases?: string;
  readonly layout: Layout;
  readonly sequentialUpdates: boolean;
  /** Undefined: this host updates on its own. */
  readonly rollout?: RolloutDeclaration;
  /** The store that `lock` names; undefined: the artifact's own repository. */
  readonly lock?: DriverBlock;
  /** The content that already stands at the destination, as the original's `hash` said it (an ETag). */
  readonly knownHash?: string;
}

/** The whole configuration of one agent. */
export interface Configuration {
  readonly file: string;
  readonly servicePath: string;
  readonly statePath: string;
  /** This host's name in its fleet; undefined: its hostname. */
  readonly host?: string;
  readonly services: readonly ServiceDeclaration[];
}

/** The folder that holds the releases of a service: where the config says, or beside its destination. */
export function releasesFolder(service: Pick<ServiceDeclaration, "name" | "artifact" | "releases">): string {
  if (service.releases !== undefined) return service.releases;
  const destination = service.artifact.destination.replace(/\/+$/, "");
  // Two services must never share a folder, so two names must never become one.
  const folder = encodeURIComponent(service.name).replace(/^\./, "%2E");
  return `${destination.slice(0, destination.lastIndexOf("/"))}/.dropship/${folder}`;
}

/** A service's name is a part of file names and keys: no slash, nothing that cannot be seen, no dot at its start. */
export function isServiceName(name: string): boolean {
  return /^[\p{L}\p{Nd}][^/\p{C}]{0,63}$/u.test(name);
}
