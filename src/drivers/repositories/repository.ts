import type { Schema, Values } from "../../domain/options.ts";
import type { Marker } from "../../domain/release.ts";
import type { Clock, HttpClient, Logger, Random } from "../../platform/ports.ts";

/** The answer to "has it changed?". A missing artifact is a failure ("artifact-missing"), never an order to uninstall. */
export type CheckAnswer = { readonly outcome: "unchanged" } | { readonly outcome: "found"; readonly marker: Marker };

/** The content from some byte on, as the store sends it. */
export interface ArtifactBody {
  /** The offset of the first byte of `chunks`: what was asked for, or 0 when the store cannot send a part. */
  readonly from: number;
  /** Bytes of the whole content, if the store says. */
  readonly total?: number;
  /** What the store now says of the object; the download starts again when it is no longer the one that was asked for. */
  readonly marker: Marker;
  readonly chunks: AsyncIterable<Uint8Array>;
}

/**
 * Where one artifact lives. Two verbs; retries, resume, deadlines, minimum rate and digests are the same for all
 * repositories and stand in `download.ts`.
 */
export interface Repository {
  /** The artifact as a person would name it: "s3://bucket/web.tar.gz". No secret in it. */
  readonly artifact: string;
  /** One cheap conditional request. `known`: what the last answer was. */
  check(known: Marker | undefined, signal: AbortSignal): Promise<CheckAnswer>;
  /** Opens the content that `marker` speaks of, from byte `from` on. Fails with "artifact-changed" when it is another by now. */
  open(marker: Marker, from: number, signal: AbortSignal): Promise<ArtifactBody>;
  /** Frees connections and timers. */
  close(): void;
}

export interface RepositoryPorts {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** A repository has two blocks: `repo "s3" { … }` and `artifact "s3" { … }`. */
export interface RepositoryDefinition<Options extends Schema, Artifact extends Schema> {
  readonly name: string;
  readonly summary: string;
  /** The `repo` block. When every option of it is optional, the block itself may be left out. */
  readonly options: Options;
  /** What the `artifact` block holds besides destination, content-type and the like. */
  readonly artifact: Artifact;
  readonly create: (options: Values<Options>, artifact: Values<Artifact>, ports: RepositoryPorts) => Repository;
}

/** Only helps the compiler to infer the options' types. */
export function defineRepository<const Options extends Schema, const Artifact extends Schema>(
  definition: RepositoryDefinition<Options, Artifact>,
): RepositoryDefinition<Options, Artifact> {
  return definition;
}
