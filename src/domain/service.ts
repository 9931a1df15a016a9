import type { Milliseconds } from "./duration.ts";
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

export interface ArtifactDeclaration {
  /** The word of the repository: `artifact "s3"`. `options` hold bucket, path and so on. */
  readonly block: DriverBlock;
  /** Absolute path the application runs from. */
  readonly destination: string;
  readonly contentType?: string;
  readonly owner?: string;
  readonly group?: string;
  /** Files get this mode, folders the same with `x` where there is `r`. Undefined: what the archive says, masked to 0755. */
  readonly mode?: number;
  readonly limits: ArchiveLimits;
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
  /** The content that already stands at the destination, as the original's `hash` said it (an ETag). */
  readonly knownHash?: string;
}

/** The whole configuration of one agent. */
export interface Configuration {
  readonly file: string;
  readonly servicePath: string;
  readonly statePath: string;
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
