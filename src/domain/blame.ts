import { archiveFailures } from "./failures/archive.ts";
import { catalogue, type FailureCode } from "./failures/failure.ts";

/**
 * Failures outside the archive's own that lie in the content: the same upload would fail again for every host.
 */
const contentFailures: ReadonlySet<string> = new Set<FailureCode>(["download-too-long", "download-damaged"]);

/**
 * Whether the content itself is at fault for a failure before the switch. Then the same upload is not fetched again; for
 * everything else the host waits a little and tries again.
 */
export function blamesContent(code: FailureCode): boolean {
  if (contentFailures.has(code)) return true;
  return Object.hasOwn(archiveFailures, code) && !catalogue[code].passing;
}
