import { archiveFailures } from "./failures/archive.ts";
import { catalogue, type FailureCode } from "./failures/failure.ts";
import { trustFailures } from "./failures/trust.ts";

/**
 * Failures outside the archive's own that lie in the content: the same upload would fail again for every host.
 */
const contentFailures: ReadonlySet<string> = new Set<FailureCode>(["download-too-long", "download-damaged"]);

/** Whether what is published is to be mended, and not this host: the store works, and the next check may see it mended. */
export function blamesPublisher(code: FailureCode): boolean {
  return code === "artifact-missing" || code === "range-unmet" || Object.hasOwn(trustFailures, code);
}

/**
 * Whether the content itself is at fault for a failure before the switch. Then the same upload is not fetched again; for
 * everything else the host waits a little and tries again.
 */
export function blamesContent(code: FailureCode): boolean {
  if (contentFailures.has(code)) return true;
  return Object.hasOwn(archiveFailures, code) && !catalogue[code].passing;
}
