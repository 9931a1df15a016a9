// A process that packs the folder it is told to, as `dropship push` does before it talks to a store, and says what it took.
import { defaultLimits } from "../src/domain/service.ts";
import type { PackFormat } from "../src/publish/pack/artifact.ts";
import { prepareArtifact } from "../src/publish/pack/prepare-artifact.ts";
import { memory } from "./measure.ts";

export interface PackReport {
  /** Bytes of the artifact. */
  readonly length: number;
  /** The most memory that the process ever had, in MB. */
  readonly peak: number;
}

const [source = "", scratch = "", format = ""] = process.argv.slice(2);
const quiet = { signal: new AbortController().signal, onProgress: () => undefined, onRefused: () => undefined };
await using artifact = await prepareArtifact({
  source,
  scratch,
  format: format as PackFormat,
  limits: defaultLimits,
  ...quiet,
});
const report: PackReport = { length: artifact.length, peak: memory(process.pid, "VmHWM") };
console.log(JSON.stringify(report));
