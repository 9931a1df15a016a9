import { formatDuration, type Milliseconds } from "../domain/duration.ts";
import { asFailure, failure } from "../domain/failures/failure.ts";
import type { ServiceDeclaration } from "../domain/service.ts";
import type { Clock } from "../platform/ports.ts";
import { type ActiveState, type StopRule, workflow } from "./states.ts";

/** How long an update goes on after the agent was told to stop, in a state that must not be left half done. */
export const stopGrace: Milliseconds = 45_000;

/** The least time for each step of going back and of reporting: an outage is no moment for haste. */
const leastUndoing: Milliseconds = 3_600_000;

/** What bounds each step in time, and what ends it when the agent stops. */
export interface Limits extends Disposable {
  /** Aborts when even what must be finished is cut. */
  readonly cut: AbortSignal;
  /** Whether a step of this state is not even begun any more. */
  holds(state: ActiveState): boolean;
  /** The signal of one step; its reason is "agent-stopping" or "update-overdue". */
  of(state: ActiveState): Disposable & { readonly signal: AbortSignal };
}

/** What becomes of an update in `state` when the agent is told to stop: said by the table. */
export function whenStopped(state: ActiveState): StopRule {
  return workflow[state].stop;
}

/**
 * The whole update, download to outcome. The time that a release is watched comes on top of `updateDeadline`: it is no
 * sign of an update that hangs, and the original's `updateTTL` may be longer than the deadline that nobody wrote.
 */
function wholeDeadline(service: ServiceDeclaration): Milliseconds {
  return service.updateDeadline + service.bake;
}

/**
 * Begins to count when it is made: an update that a restarted agent goes on with gets its time anew. So does one that `waits`
 * for a slot, when it has it: how long that takes says nothing of this host.
 */
export function updateLimits(
  service: ServiceDeclaration,
  clock: Clock,
  stop: AbortSignal,
  { waits }: { readonly waits: boolean },
): Limits {
  const stopping = failure("agent-stopping", {});
  const atOnce = new AbortController();
  const cut = new AbortController();
  const ended = new AbortController();
  const stopped = () => {
    atOnce.abort(stopping);
    clock.sleep(stopGrace, ended.signal).then(
      () => cut.abort(stopping),
      () => {},
    );
  };
  if (stop.aborted) stopped();
  else stop.addEventListener("abort", stopped, { once: true });
  const whole = wholeDeadline(service);
  const begin = () => clock.deadline(whole, () => tooLong(service, whole));
  let overdue = begin();
  const proof = Math.max(0, ...service.health.map(({ deadline }) => deadline));
  const each = Math.max(leastUndoing, whole + proof);

  return {
    cut: cut.signal,
    // What has not begun to take the service down does not begin now.
    holds: (state) =>
      stop.aborted && (cut.signal.aborted || workflow[state].stop === "suspend" || state === "running-before-hooks"),
    of(state) {
      const { part, stop: rule } = workflow[state];
      const ending = rule === "finish" ? cut.signal : atOnce.signal;
      if (part === "waiting" && waits) {
        overdue[Symbol.dispose]();
        // Once the wait is over: the next state begins with the whole time.
        return {
          signal: ending,
          [Symbol.dispose]() {
            overdue = begin();
          },
        };
      }
      // What a slow download used up is not taken from the time in which a release may prove itself.
      if (part === "preparing" || part === "waiting" || (part === "switching" && state !== "checking-health")) {
        return { signal: AbortSignal.any([ending, overdue.signal]), [Symbol.dispose]() {} };
      }
      return clock.deadline(each, () => tooLong(service, each), ending);
    },
    [Symbol.dispose]() {
      ended.abort();
      overdue[Symbol.dispose]();
      stop.removeEventListener("abort", stopped);
    },
  };
}

/** Whether a step's signal aborted because the agent stops, rather than for its deadline. */
export function stopping(signal: AbortSignal): boolean {
  return signal.aborted && asFailure(signal.reason).code === "agent-stopping";
}

function tooLong(service: ServiceDeclaration, after: Milliseconds): Error {
  return failure("update-overdue", { service: service.name, after: formatDuration(after) });
}
