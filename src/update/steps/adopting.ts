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

/** What a rollback goes back to; undefined when nothing stands at the destination and nothing on disk ever proved good. */
async function wayBack(
  { releases, journal, service }: UpdatePorts,
  update: UpdateRecord,
): Promise<Release | undefined> {
  const standing = await releases.standing();
  if (standing.kind === "foreign") return releases.adopt(adoptedId(update));
  const state = journal.service(service.name);
  // Where somebody took the destination away, what stood there last is the way back.
  const id = standing.kind === "nothing" ? state.current?.id : standing.id;
  // The target itself is no way back, nor is a release of which only the link is left.
  const others = (await releases.list()).filter((release) => release.id !== targetOf(update).id);
  return others.find((release) => release.id === id) ?? rollbackTarget(state, others);
}

/** The same each time the step runs, and no other attempt's. */
function adoptedId({ id }: UpdateRecord): string {
  return `adopted-${id.slice(0, 12)}`;
}
