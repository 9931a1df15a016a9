import { type DeniedRelease, deniedFor } from "../../domain/denied-release.ts";
import { failure } from "../../domain/failures/failure.ts";
import type { Release } from "../../domain/release.ts";
import { stopping } from "../limits.ts";
import type { Step } from "../machine.ts";
import { matchesHash } from "../next-move.ts";
import type { UpdatePorts } from "../ports.ts";
import type { UpdateRecord } from "../record.ts";
import { postponedByStop, preparationFailed } from "./preparing.ts";

/** Judges the content that was fetched by its digest; the bytes were checked against what the store states meanwhile. */
export function verifying(ports: UpdatePorts): Step<"verifying"> {
  return async (update, signal) => {
    if (stopping(signal)) return postponedByStop;
    try {
      const target = targetOf(update);
      if (await standsAlready(ports, target))
        return { outcome: "same-content", learned: { outcome: "unchanged", failure: undefined } };
      const denied = deniedHere(ports, target);
      if (!denied) return { outcome: "verified" };
      const note = failure("content-denied", { release: target.id, reason: denied.reason.sentence }).note;
      return { outcome: "refused", learned: { outcome: "aborted", failure: note, blame: "content" } };
    } catch (thrown) {
      return preparationFailed(thrown, signal);
    }
  };
}

/** The release that an update goes to; known in every state after "fetching". */
export function targetOf(update: UpdateRecord): Release {
  if (update.target === undefined) throw new TypeError(`The update has no target in the state "${update.state}".`);
  return update.target;
}

/** Why this content is not taken here any more. */
export function deniedHere({ journal, service }: UpdatePorts, { digest }: Release): DeniedRelease | undefined {
  return deniedFor(journal.service(service.name).denied, { digest });
}

/**
 * Whether this host had the release before, found it good and still has it, and somebody chose to go to it: by hand, or by
 * promoting it. An upload that comes back is nobody's choice.
 */
export function provedGoodHere({ journal }: Pick<UpdatePorts, "journal">, update: UpdateRecord): boolean {
  const chosen = update.intent === "activate" || (update.kept === true && update.marker?.published !== undefined);
  return chosen && journal.service(update.service).good.includes(targetOf(update).id);
}

/** Whether the destination has this content already: remembered, and still standing there. */
export async function standsAlready({ journal, releases, service }: UpdatePorts, target: Release): Promise<boolean> {
  const { current } = journal.service(service.name);
  const standing = await releases.standing();
  if (current === undefined)
    return standing.kind === "foreign" && matchesHash({ sha256: target.digest }, service.knownHash);
  if (current.digest !== target.digest || current.size !== target.size) return false;
  return (standing.kind === "release" || standing.kind === "copy") && standing.id === current.id;
}
