import type { Milliseconds } from "../../domain/duration.ts";
import { asFailure, type Failure, failure } from "../../domain/failures/failure.ts";
import type { Finished, SlotReport } from "../../rollout/coordinator.ts";
import { stopping } from "../limits.ts";
import { type Step, suspended } from "../machine.ts";
import { orAborted } from "../or-aborted.ts";
import type { UpdatePorts } from "../ports.ts";
import { slotReportOf } from "../slot-report.ts";

/** The service is up: only the others wait for this slot. */
const patience: Milliseconds = 90_000;
/** For an attempt that never came to a slot: nobody waits for it, and this host has something better to do. */
const shortPatience: Milliseconds = 10_000;

/** Gives the slot back with its outcome. What the store does not take now is owed, and settled later. */
export function reporting(ports: UpdatePorts): Step<"reporting"> {
  return async (update, signal) => {
    const report = slotReportOf(update);
    if (report === undefined || update.reported) return { outcome: "reported" };
    const answer = await deliver(ports, report, signal);
    if (answer?.outcome === "reported") {
      ports.slot.rest();
      return { outcome: "reported", learned: { reported: true, floor: answer.seq } };
    }
    if (stopping(signal)) return suspended;
    ports.logger.log("warn", "the outcome of an update is owed to its fleet", {
      attempt: update.id,
      outcome: report.outcome,
      remedy: remedyOf(ports, answer?.problem),
    });
    return { outcome: "reported" };
  };
}

function remedyOf({ service }: UpdatePorts, problem: Failure | undefined): string {
  if (problem === undefined) {
    return `The service is no longer coordinated: say "dropship rollout forget ${service.name}" with this host's name.`;
  }
  return problem.passing ? "Nothing to do: it is reported as soon as the store answers." : problem.remedy;
}

/** Undefined: there is nobody to tell. */
async function deliver(
  { coordinator, clock, service, logger }: UpdatePorts,
  report: SlotReport,
  signal: AbortSignal,
): Promise<Finished | undefined> {
  if (coordinator === undefined) return undefined;
  const { place } = coordinator;
  const late = () => failure("outcome-owed", { service: service.name, place });
  using limit = clock.deadline(report.retract ? shortPatience : patience, late, signal);
  try {
    return await orAborted(coordinator.finish(report, limit.signal), limit.signal);
  } catch (thrown) {
    const problem = asFailure(thrown);
    logger.log("debug", "the outcome of an update was not taken", { code: problem.code, problem: problem.message });
    return { outcome: "later", problem };
  }
}
