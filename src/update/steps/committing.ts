import { asFailure } from "../../domain/failures/failure.ts";
import type { Step } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import { releasesToRemove } from "../pruning.ts";
import type { UpdateRecord } from "../record.ts";

/** The release was committed when this state was entered; what it made superfluous goes. */
export function committing(ports: UpdatePorts): Step<"committing"> {
  return async (update) => {
    await prune(ports, update);
    return { outcome: "committed" };
  };
}

/** Removes the releases that nobody goes back to. A disk that refuses is no reason to fail an update that ended. */
export async function prune({ releases, service, journal, logger }: UpdatePorts, update: UpdateRecord): Promise<void> {
  try {
    const onDisk = await releases.list();
    const state = journal.service(service.name);
    const needed = [update.target, update.previous].flatMap((release) => (release ? [release.id] : []));
    for (const id of releasesToRemove(onDisk, state, service.keepReleases, needed)) await releases.remove(id);
    await releases.sweep(new Set(needed));
  } catch (thrown) {
    const met = asFailure(thrown);
    logger.log("warn", "old releases could not be removed", { code: met.code, problem: met.message });
  }
}
