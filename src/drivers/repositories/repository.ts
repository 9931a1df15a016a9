import type { Schema, Values } from "../../domain/options.ts";
import type { Marker } from "../../domain/release.ts";
import type { Clock, HttpClient, Logger, Random } from "../../platform/ports.ts";
import type { Store, StorePorts } from "../stores/store.ts";
import type { ObjectFolder } from "./objects.ts";

/** The answer to "has it changed?". A missing artifact is a failure ("artifact-missing"), never an order to uninstall. */
export type CheckAnswer = { readonly outcome: "unchanged" } | { readonly outcome: "found"; readonly marker: Marker };

/** The content from some byte on, as the store sends it. */
export interface ArtifactBody {
  /** The offset of the first byte of `chunks`: what was asked for, or 0 when the store cannot send a part. */
  readonly from: number;
  /** Bytes of the whole content, if the store says. */
  readonly total?: number;
  /** False: nothing marks the end of the content on its way, so that a cut looks like the end. Left out: it is marked. */
  readonly framed?: boolean;
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

/** How a download is done; the same for all repositories (`download.ts`). */
export interface DownloadRequest {
  readonly marker: Marker;
  /** Where the bytes go: a path in a folder that only the agent may enter. What a stopped download left there is continued. */
  readonly file: string;
  /** The most bytes that are taken; one more ends the download. */
  readonly limit: number;
  readonly signal: AbortSignal;
  readonly onProgress: (done: number, total: number | undefined) => void;
}

export interface Downloaded {
  /** SHA-256 of every byte of the file, lower-case hex. */
  readonly digest: string;
  readonly size: number;
  /** What the store said of the content that was really sent. */
  readonly marker: Marker;
}

/** Fetches the whole content, resuming and retrying within its deadlines; the file is synced when this resolves. */
export type Download = (repository: Repository, request: DownloadRequest) => Promise<Downloaded>;

export interface RepositoryPorts {
  readonly http: HttpClient;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** How a place to publish to is written on a command line, where no configuration speaks of it: "s3://bucket/web". */
export interface TargetForm<Options extends Schema, Artifact extends Schema> {
  readonly scheme: string;
  /** What stands behind "scheme:", as artifact options whose path is the folder; else what is wrong with it, as a clause. */
  parse(rest: string): Values<Artifact> | string;
  /** The `repo` options that the variables of the store's own command line give; else what is wrong with them, as a clause. */
  fromEnvironment(environment: RepositoryPorts["environment"]): Values<Options> | string;
}

/** A repository has two blocks: `repo "s3" { … }` and `artifact "s3" { … }`. */
export interface RepositoryDefinition<Options extends Schema, Artifact extends Schema> {
  readonly name: string;
  readonly summary: string;
  /** The `repo` block. When every option of it is optional, the block itself may be left out. */
  readonly options: Options;
  /** What the `artifact` block holds besides destination, content-type and the like. */
  readonly artifact: Artifact;
  /** Written as a method, so that definitions with different options can stand in one registry. */
  create(options: Values<Options>, artifact: Values<Artifact>, ports: RepositoryPorts): Repository;
  /** The place beside the artifact where hosts meet; left out where the repository has no compare-and-swap. */
  store?(options: Values<Options>, artifact: Values<Artifact>, ports: StorePorts): Store;
  /** The artifact options of an object below the path that `artifact` names. */
  below(artifact: Values<Artifact>, key: string): Values<Artifact>;
  /** The objects below that path; left out where nothing can be written. */
  objects?(options: Values<Options>, artifact: Values<Artifact>, ports: StorePorts): ObjectFolder;
  /** There where `objects` is. */
  readonly target?: TargetForm<Options, Artifact>;
}

/** Only helps the compiler to infer the options' types. */
export function defineRepository<const Options extends Schema, const Artifact extends Schema>(
  definition: RepositoryDefinition<Options, Artifact>,
): RepositoryDefinition<Options, Artifact> {
  return definition;
}
