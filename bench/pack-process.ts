// A process that packs the folder it is told to, as `dropship push` does before it talks to a store, and says what it took.
import { defaultLimits } from "../src/domain/service.ts";
import type { PackFormat } from "../src/publish/pack/artifact.ts";
import { prepareArtifact } from "../src/publish/pack/prepare-artifact.ts";
import { memory } from "./measure.ts";

const [source = "", scratch = "", format = ""] = process.argv.slice(2);
const quiet = { signal: new AbortController().signal, onProgress: () => undefined, onRefused: () => undefined };
await using artifact = await prepareArtifact({
  source,
  scratch,
  format: format as PackFormat,
  limits: defaultLimits,
  ...quiet,
});
console.log(JSON.stringify({ length: artifact.length, peak: memory(process.pid, "VmHWM") }));
