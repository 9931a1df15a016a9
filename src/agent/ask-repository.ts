import type { Milliseconds } from "../domain/duration.ts";
import { asFailure, type Failure, failure } from "../domain/failures/failure.ts";
import type { MoveFacts } from "../update/next-move.ts";
import { orAborted } from "../update/or-aborted.ts";
import type { ServicePorts } from "../update/ports.ts";

/** A check that had no answer by then is a failed one. */
const checkDeadline: Milliseconds = 60_000;

/** What the repository offers now, or what the journal remembers when nothing changed; and the `hash` where it may count. */
export async function askRepository(
  { repository, releases, service, clock, journal }: ServicePorts,
  stop: AbortSignal,
): Promise<Pick<MoveFacts, "marker" | "knownHash">> {
  const { seen } = journal.service(service.name);
  const late = () => failure("check-overdue", { service: service.name, after: checkDeadline / 1000 });
  using limit = clock.deadline(checkDeadline, late, stop);
  // A dead network disk heeds no signal; it must not take the service's loop with it.
  const answer = await orAborted(repository.check(seen?.marker, limit.signal), limit.signal);
  const marker = answer.outcome === "found" ? answer.marker : seen?.marker;
  const { knownHash } = service;
  if (knownHash === undefined || seen !== undefined) return { marker };
  const { kind } = await orAborted(releases.standing(), limit.signal);
  // It speaks of what stands at the destination; on a new host that is nothing.
  return kind === "nothing" ? { marker } : { marker, knownHash };
}

/** The failure of a check that threw this. */
export function checkFailure(thrown: unknown): Failure {
  return outOfDescriptors(thrown) ? failure("descriptors-used-up", {}, thrown) : asFailure(thrown);
}

/** EMFILE (this process) or ENFILE (the whole host), as itself or underneath a failure. */
function outOfDescriptors(thrown: unknown): boolean {
  if (!(thrown instanceof Error)) return false;
  const { code } = thrown as NodeJS.ErrnoException;
  return code === "EMFILE" || code === "ENFILE" || outOfDescriptors(thrown.cause);
}
