import type { DriverDefinition } from "../../driver.ts";
import type { UnpackRequest } from "../archive.ts";
import type { Landing } from "./landing.ts";
import type { Source } from "./source.ts";

/** What a format works with; all of it lives in the worker thread. */
export interface UnpackPorts {
  readonly request: UnpackRequest;
  readonly source: Source;
  readonly landing: Landing;
  /** True when the config demands this format, false when only the bytes suggest it. */
  readonly demanded: boolean;
}

export interface Unpacker {
  /** Unpacks everything into the landing. False: this is not the format after all, and nothing was written. */
  unpack(): Promise<boolean>;
}

/** One archive format. Its options are none: everything is set by the artifact block. */
export interface ArchiveFormat extends DriverDefinition<Record<never, never>, UnpackPorts, Unpacker> {
  /** The content types that mean this format. */
  readonly contentTypes: readonly string[];
  /** Whether a file that begins with these bytes (up to 4 KiB) is of this format. */
  readonly recognises: (head: Buffer) => boolean;
}
