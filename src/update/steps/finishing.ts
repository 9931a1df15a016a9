import { asFailure } from "../../domain/failures/failure.ts";
import type { Step } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import type { UpdateRecord } from "../record.ts";
import { prune } from "./committing.ts";

/** How long the end of an update waits for announcements that are still under way. */
export const announcementGrace = 10_000;

/** Waits for what went on in the background, and tidies up. */
export function finishing(ports: UpdatePorts): Step<"finishing"> {
  return async (update) => {
    await ports.background.settle(announcementGrace);
    if (!mayContinueDownload(update)) await discard(ports);
    if (update.outcome !== "updated") await prune(ports, update);
    return { outcome: "finished" };
  };
}

/** A download that was cut short goes on where it ended, if the attempt is made again. */
function mayContinueDownload({ outcome, blame }: UpdateRecord): boolean {
  return outcome === "postponed" || (outcome === "aborted" && blame === "host");
}

async function discard({ downloads, logger }: UpdatePorts): Promise<void> {
  await downloads.discard().catch((thrown) => {
    logger.log("warn", "the download could not be removed", { problem: asFailure(thrown).message });
  });
}
