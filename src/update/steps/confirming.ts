import { failure } from "../../domain/failures/failure.ts";
import { stopping } from "../limits.ts";
import type { Step } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import { stillWanted } from "../still-wanted.ts";
import { postponedByStop, preparationFailed } from "./preparing.ts";
import { targetOf } from "./verifying.ts";

/** The last look before anything is touched: is this release still the wanted one, and is it there? */
export function confirming(ports: UpdatePorts): Step<"confirming"> {
  return async (update, signal) => {
    if (stopping(signal)) return postponedByStop;
    try {
      const { id } = targetOf(update);
      if (!(await ports.releases.isReady(id))) {
        throw failure("release-missing", { id, releases: ports.releases.place.releases });
      }
      if (await stillWanted(ports, update, signal)) return { outcome: "wanted" };
      return { outcome: "superseded", learned: { outcome: "superseded" } };
    } catch (thrown) {
      return preparationFailed(thrown, signal);
    }
  };
}
