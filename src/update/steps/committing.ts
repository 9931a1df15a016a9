import { asFailure } from "../../domain/failures/failure.ts";
import { releasesToRemove } from "../../domain/retention.ts";
import type { Step } from "../machine.ts";
import { rollbackTarget } from "../next-move.ts";
import type { UpdatePorts } from "../ports.ts";
import type { UpdateRecord } from "../record.ts";

/** The release was committed when this state was entered; what it made superfluous goes. */
export function committing(ports: UpdatePorts): Step<"committing"> {
  return async (update) => {
    await prune(ports, update);
    return { outcome: "committed" };
  };
}

/** Removes the releases that nobody goes back to. A disk that refuses is no reason to fail an update that ended. */
export async function prune(ports: UpdatePorts, update: UpdateRecord): Promise<void> {
  const { releases, logger } = ports;
  try {
    const needed = [update.target, update.previous].flatMap((release) => (release ? [release.id] : []));
    for (const id of await superfluous(ports, needed)) await releases.remove(id);
    await releases.sweep(new Set(needed));
  } catch (thrown) {
    const met = asFailure(thrown);
    logger.log("warn", "old releases could not be removed", { code: met.code, problem: met.message });
  }
}

async function superfluous({ releases, service, journal }: UpdatePorts, needed: readonly string[]) {
  const onDisk = await releases.list();
  const state = journal.service(service.name);
  const denied = new Set(state.denied.map(({ digest }) => digest));
  return releasesToRemove({
    releases: onDisk,
    current: state.current?.id,
    rollbackTarget: rollbackTarget(state, onDisk)?.id,
    pinned: new Set(state.pinned === undefined ? needed : [...needed, state.pinned]),
    good: state.good,
    evidence: new Set(onDisk.filter(({ digest }) => denied.has(digest)).map(({ id }) => id)),
    keepReleases: service.keepReleases,
    scarce: false,
  });
}
