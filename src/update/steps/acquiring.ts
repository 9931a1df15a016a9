import { type Failure, failure } from "../../domain/failures/failure.ts";
import type { Waiting, WaitingReason } from "../../domain/rollout/waiting.ts";
import { nextDelay } from "../../domain/schedule.ts";
import type { SlotRequest } from "../../rollout/coordinator.ts";
import { stopping } from "../limits.ts";
import type { Step } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import type { UpdateRecord } from "../record.ts";
import { rolloutOf } from "../rollout-state.ts";
import { stillWanted } from "../still-wanted.ts";
import { postponedByStop, preparationFailed } from "./preparing.ts";
import { provedGoodHere, targetOf } from "./verifying.ts";

/**
 * Waits until this host may take its service down, for as long as that takes; what is on offer is looked at meanwhile, and
 * a newer upload ends the wait. An update that needs no slot passes.
 */
export function acquiring(ports: UpdatePorts): Step<"acquiring"> {
  return async (update, signal) => {
    if (stopping(signal)) return postponedByStop;
    const { coordinator, clock, slot } = ports;
    if (coordinator === undefined || update.slot === undefined) return { outcome: "held" };
    const ending = new AbortController();
    const watching = endWhenUnwanted(ports, update, ending);
    try {
      const either = AbortSignal.any([signal, ending.signal]);
      const { seq } = await coordinator.acquire(requestOf(ports, update, update.slot), either, tellWaiting(ports));
      slot.beat(update);
      return { outcome: "held", learned: { floor: seq, heldSince: clock.wall() } };
    } catch (thrown) {
      const unwanted = ending.signal.aborted && !signal.aborted;
      return unwanted ? superseded : preparationFailed(thrown, signal);
    } finally {
      ending.abort(waitOver);
      await watching;
    }
  };
}

const superseded = { outcome: "superseded", learned: { outcome: "superseded" } } as const;
/** Ends what goes on beside the wait; nobody is told. */
const waitOver: Failure = failure("agent-stopping", {});

function requestOf(ports: UpdatePorts, update: UpdateRecord, purpose: SlotRequest["purpose"]): SlotRequest {
  const { journal, repository, service } = ports;
  const { digest, version, marker } = targetOf(update);
  const { owed } = rolloutOf(journal.service(service.name));
  const order = update.marker?.uploadedAt ?? marker?.uploadedAt;
  const keys = service.artifact.follows?.trust?.keys;
  return {
    attempt: update.id,
    purpose,
    digest,
    artifact: repository.artifact,
    ownEnded: (attempt) =>
      journal.attempt(service.name, attempt) !== undefined || owed.some((report) => report.attempt === attempt),
    ...(order !== undefined && { order }),
    ...(version !== undefined && { version }),
    ...publishedOf(update),
    ...(keys && { trusts: (key: string) => keys.some(({ number }) => number === key) }),
    ...(purpose === "update" && provedGoodHere(ports, update) && { proven: true }),
  };
}

/** What the fleet is to know of a published release: its sequence is its order. */
function publishedOf({ marker }: UpdateRecord): Pick<SlotRequest, "order" | "line" | "signedBy"> {
  if (marker?.published === undefined) return {};
  const { sequence, line, signedBy } = marker.published;
  return { ...(sequence !== undefined && { order: sequence }), line, ...(signedBy !== undefined && { signedBy }) };
}

/** Says why it waits; the log hears of it once for each reason. */
function tellWaiting({ service, notify, logger }: UpdatePorts): (waiting: Waiting) => void {
  let logged: WaitingReason | undefined;
  return (waiting) => {
    notify({ type: "waiting", service: service.name, waiting });
    if (waiting.why === logged) return;
    logged = waiting.why;
    const { why, sentence, remedy } = waiting;
    logger.log(needsSomebody.has(why) ? "error" : "info", "an update waits for its slot", { why, sentence, remedy });
  };
}

/** What no time mends: somebody has to look. */
const needsSomebody: ReadonlySet<WaitingReason> = new Set(["record-vanished", "not-mine"]);

/** Ends the wait when the release is no longer wanted. Whoever cannot be asked changes nothing. */
async function endWhenUnwanted(ports: UpdatePorts, update: UpdateRecord, ending: AbortController): Promise<void> {
  const { clock, random, service } = ports;
  const { signal } = ending;
  try {
    for (;;) {
      await clock.sleep(nextDelay(service.checkInterval, random.fraction()), signal);
      if (!(await stillWanted(ports, update, signal).catch(() => true))) break;
    }
    ending.abort(waitOver);
  } catch {
    // The wait is over.
  }
}
