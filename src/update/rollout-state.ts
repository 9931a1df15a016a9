import type { SlotReport } from "../rollout/coordinator.ts";
import type { ServiceState } from "./service-state.ts";

type RolloutState = NonNullable<ServiceState["rollout"]>;

/** Outcomes that the store never takes: of a host that is cut off for ever, only the latest are worth keeping. */
const owedLimit = 50;

/** What a service knows of its fleet; nothing is known at first. */
export function rolloutOf({ rollout }: ServiceState): RolloutState {
  return rollout ?? { floor: 0, retries: 0, owed: [] };
}

/** The record was seen at `seq`: a lower one is refused from now on. */
export function withFloor(state: ServiceState, seq: number): ServiceState {
  const rollout = rolloutOf(state);
  return seq > rollout.floor ? { ...state, rollout: { ...rollout, floor: seq } } : state;
}

/** The store did not take this outcome. */
export function owing(state: ServiceState, report: SlotReport): ServiceState {
  const rollout = rolloutOf(state);
  const others = rollout.owed.filter(({ attempt }) => attempt !== report.attempt);
  return { ...state, rollout: { ...rollout, owed: [...others, report].slice(-owedLimit) } };
}

/** The store took the outcome of this attempt; the record was written as `seq`. */
export function delivered(state: ServiceState, attempt: string, seq: number): ServiceState {
  const rollout = rolloutOf(state);
  const owed = rollout.owed.filter((report) => report.attempt !== attempt);
  return withFloor({ ...state, rollout: { ...rollout, owed } }, seq);
}

/**
 * The record was seen with this number of retries. When an operator of the fleet said "retry" since the last look, what went
 * bad here is forgotten; what an operator left on this very host is not.
 */
export function judgedBy(state: ServiceState, retries: number): ServiceState {
  const { rollout } = state;
  if (rollout !== undefined && retries <= rollout.retries) return state;
  const judged = { ...state, rollout: { ...rolloutOf(state), retries } };
  if (rollout === undefined) return judged;
  const { notBefore: _, ...rest } = judged;
  const denied = state.denied.filter(({ reason }) => reason.code === "left-by-operator");
  return { ...rest, denied, aborts: 0 };
}
