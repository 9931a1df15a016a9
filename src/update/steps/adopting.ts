import type { Release } from "../../domain/release.ts";
import type { Evidence } from "../evidence.ts";
import type { Step } from "../machine.ts";
import { rollbackTarget } from "../next-move.ts";
import type { UpdatePorts } from "../ports.ts";
import type { UpdateRecord } from "../record.ts";
import { noted } from "./switching.ts";
import { targetOf } from "./verifying.ts";

/**
 * Makes sure, before anything is replaced, that there is a way back: what somebody else put at the destination becomes a
 * release, and `previous` says what really stands there.
 */
export function adopting(ports: UpdatePorts, evidence: Evidence): Step<"adopting"> {
  return async (update) => {
    try {
      return { outcome: "adopted", learned: { previous: await wayBack(ports, update) } };
    } catch (thrown) {
      return { outcome: "failed", learned: { failure: noted(thrown, update, evidence), blame: "host" } };
    }
  };
}

/** What a rollback goes back to; undefined when nothing stands at the destination and nothing ever proved good. */
async function wayBack(
  { releases, journal, service }: UpdatePorts,
  update: UpdateRecord,
): Promise<Release | undefined> {
  const standing = await releases.standing();
  if (standing.kind === "nothing") return undefined;
  if (standing.kind === "foreign") return releases.adopt(adoptedId(update));
  const onDisk = await releases.list();
  const { id } = standing;
  const there = onDisk.find((release) => release.id === id);
  // The target itself is no way back, nor is a release of which only the link is left.
  if (there && id !== targetOf(update).id) return there;
  const others = onDisk.filter((release) => release.id !== targetOf(update).id);
  return rollbackTarget(journal.service(service.name), others);
}

/** The same each time the step runs, and no other attempt's. */
function adoptedId({ id }: UpdateRecord): string {
  return `adopted-${id.slice(0, 12)}`;
}
