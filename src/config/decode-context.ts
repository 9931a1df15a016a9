import type { Reporter } from "./diagnostic.ts";
import type { Source } from "./hcl/source.ts";
import type { ConfigPorts } from "./ports.ts";

/** What decoding needs beside the tree. */
export interface DecodeContext {
  readonly source: Source;
  readonly reporter: Reporter;
  readonly ports: ConfigPorts;
  /** The file had syntax errors: what is missing in it may be what could not be read, and is not complained about. */
  readonly partial: boolean;
  /** Collects every value that must not be shown anywhere. */
  readonly secrets: Set<string>;
}
