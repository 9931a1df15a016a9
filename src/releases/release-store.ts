import type { Release } from "../domain/release.ts";
import type { ArchiveLimits, Layout } from "../domain/service.ts";

/** What stands at a destination. */
export type Standing =
  | { readonly kind: "nothing" }
  /** A link into our releases folder. */
  | { readonly kind: "release"; readonly id: string }
  /** In-place layout: a copy of this release, as its mark says. */
  | { readonly kind: "copy"; readonly id: string }
  /** A file or folder (or a foreign link) that somebody else put there. */
  | { readonly kind: "foreign"; readonly what: "file" | "folder" | "link" };

export interface ReleasePlace {
  readonly service: string;
  readonly destination: string;
  readonly releases: string;
  readonly layout: Layout;
}

export interface StageRequest {
  /** The downloaded artifact, in a folder that only the agent may write. */
  readonly file: string;
  readonly release: Release;
  /** From the config or else from the repository; the bytes of the file are looked at as well. */
  readonly contentType?: string;
  /** The config's content-type overrules the bytes. */
  readonly contentTypeOverrules: boolean;
  /** The file name of a plain-file artifact. */
  readonly fileName: string;
  readonly limits: ArchiveLimits;
  readonly owner?: string;
  readonly group?: string;
  readonly mode?: number;
  /** Seconds since 1970: the time of files for which the artifact states none, so that it is the same on every host. */
  readonly modified?: number;
  readonly signal: AbortSignal;
  readonly onProgress: (bytes: number) => void;
}

/** The releases of one service on disk. Every method may be called twice; none leaves half a release in sight. */
export interface ReleaseStore {
  readonly place: ReleasePlace;
  /** What stands at the destination now; also finishes a move that a crash cut short. */
  standing(): Promise<Standing>;
  /** The releases that are whole, oldest first. */
  list(): Promise<readonly Release[]>;
  has(id: string): Promise<boolean>;
  /** The same, before it is switched to: its name is on the disk then. Not for the way back, which no disk may hold up. */
  isReady(id: string): Promise<boolean>;
  /** Free bytes of the file system that holds the releases folder, as far as an ordinary user may take them. */
  freeSpace(): Promise<number>;
  /** How many files and folders it can still hold; infinite where the file system states no limit. */
  freeInodes(): Promise<number>;
  /** Unpacks into a folder of its own, syncs every file and folder, then makes it a release by one rename. */
  stage(request: StageRequest): Promise<void>;
  /**
   * Makes a release with this id ("adopted-…") of what stands at the destination, which is switched to it. When one of our
   * releases stands there already, that one is returned and nothing changes.
   */
  adopt(id: string): Promise<Release>;
  /** Points the destination at a release; refuses ("destination-taken") to replace what is neither ours nor adopted. */
  switchTo(id: string): Promise<void>;
  /** Takes the destination away: the first release of a service turned out bad. */
  withdraw(): Promise<void>;
  /** Deletes a release; refuses ("release-in-use") the one at the destination. A release that is not there is fine. */
  remove(id: string): Promise<void>;
  /** Removes what crashes left behind, but not what is being staged: `keep` names those releases. */
  sweep(keep: ReadonlySet<string>): Promise<void>;
}
