/**
 * The workflow of one update: the only place that says what follows what. Each row is a state:
 *
 * - `part`: "preparing" leaves the running service untouched, and so does "waiting", for the host's slot, which no deadline
 *   ends; "switching" is the time in which it is down or unproven; "undoing" brings the previous release back; "closing"
 *   reports.
 * - `next`: the state that each outcome of its step leads to.
 * - `condemned`: where an attempt goes that crashed in this state three times.
 * - `stop`: what happens when the agent is told to stop. "end": the step ends at once and the attempt is postponed.
 *   "suspend": the step ends at once and the next agent starts it again. "finish": the update goes on for a bounded time,
 *   so that no service is left half stopped; what is unfinished by then is cut, and the next agent starts it again.
 *
 * A restarted agent runs the step of the state it finds again: every step may run twice.
 */
export const workflow = {
  fetching: {
    part: "preparing",
    next: {
      fetched: "verifying",
      kept: "acquiring",
      superseded: "reporting",
      failed: "running-failure-hooks",
      stopped: "reporting",
    },
    condemned: "running-failure-hooks",
    stop: "end",
  },
  verifying: {
    part: "preparing",
    next: {
      verified: "staging",
      "same-content": "reporting",
      refused: "running-failure-hooks",
      failed: "running-failure-hooks",
      stopped: "reporting",
    },
    condemned: "running-failure-hooks",
    stop: "end",
  },
  staging: {
    part: "preparing",
    next: { staged: "acquiring", failed: "running-failure-hooks", stopped: "reporting" },
    condemned: "running-failure-hooks",
    stop: "end",
  },
  acquiring: {
    part: "waiting",
    next: { held: "confirming", superseded: "reporting", failed: "running-failure-hooks", stopped: "reporting" },
    condemned: "running-failure-hooks",
    stop: "end",
  },
  confirming: {
    part: "preparing",
    next: {
      wanted: "running-before-hooks",
      superseded: "reporting",
      failed: "running-failure-hooks",
      stopped: "reporting",
    },
    condemned: "running-failure-hooks",
    stop: "end",
  },
  "running-before-hooks": {
    part: "switching",
    next: { done: "adopting", "not-now": "reporting", refused: "restoring" },
    condemned: "restoring",
    stop: "finish",
  },
  adopting: {
    part: "switching",
    next: { adopted: "fencing", failed: "restoring" },
    condemned: "restoring",
    stop: "finish",
  },
  fencing: {
    part: "switching",
    next: { fenced: "switching", refused: "restoring" },
    condemned: "restoring",
    stop: "finish",
  },
  switching: {
    part: "switching",
    next: {
      switched: "running-after-hooks",
      refused: "restoring",
      failed: "restoring",
      unsettled: "running-rollback-before-hooks",
    },
    condemned: "running-rollback-before-hooks",
    stop: "finish",
  },
  "running-after-hooks": {
    part: "switching",
    next: { done: "checking-health", failed: "running-rollback-before-hooks" },
    condemned: "running-rollback-before-hooks",
    stop: "finish",
  },
  "checking-health": {
    part: "switching",
    next: { healthy: "committing", unhealthy: "running-rollback-before-hooks" },
    condemned: "running-rollback-before-hooks",
    stop: "suspend",
  },
  committing: {
    part: "closing",
    next: { committed: "running-success-hooks" },
    condemned: "running-success-hooks",
    stop: "finish",
  },
  "running-success-hooks": {
    part: "closing",
    next: { done: "reporting" },
    condemned: "reporting",
    stop: "finish",
  },
  restoring: {
    part: "undoing",
    next: {
      restarted: "checking-restored",
      untouched: "running-failure-hooks",
      "not-now": "reporting",
      failed: "running-failure-hooks",
    },
    condemned: "running-failure-hooks",
    stop: "finish",
  },
  "checking-restored": {
    part: "undoing",
    next: { healthy: "running-failure-hooks", "not-now": "reporting", unhealthy: "running-failure-hooks" },
    condemned: "running-failure-hooks",
    stop: "suspend",
  },
  "running-rollback-before-hooks": {
    part: "undoing",
    next: { done: "switching-back" },
    condemned: "switching-back",
    stop: "finish",
  },
  "switching-back": {
    part: "undoing",
    next: {
      switched: "running-rollback-after-hooks",
      withdrawn: "running-failure-hooks",
      failed: "running-failure-hooks",
    },
    condemned: "running-failure-hooks",
    stop: "finish",
  },
  "running-rollback-after-hooks": {
    part: "undoing",
    next: { done: "checking-rollback", failed: "running-failure-hooks" },
    condemned: "running-failure-hooks",
    stop: "finish",
  },
  "checking-rollback": {
    part: "undoing",
    next: { healthy: "running-failure-hooks", unhealthy: "running-failure-hooks" },
    condemned: "running-failure-hooks",
    stop: "suspend",
  },
  "running-failure-hooks": {
    part: "closing",
    next: { done: "reporting" },
    condemned: "reporting",
    stop: "finish",
  },
  reporting: {
    part: "closing",
    next: { reported: "finishing" },
    condemned: "finishing",
    stop: "finish",
  },
  finishing: {
    part: "closing",
    next: { finished: "idle" },
    condemned: "idle",
    stop: "finish",
  },
} as const satisfies Record<
  string,
  {
    readonly part: "preparing" | "waiting" | "switching" | "undoing" | "closing";
    readonly next: Readonly<Record<string, string>>;
    readonly condemned: string;
    readonly stop: StopRule;
  }
>;

export type StopRule = "end" | "suspend" | "finish";
export type ActiveState = keyof typeof workflow;
/** "idle" is the end: nothing is left to do for this update. */
export type StateName = ActiveState | "idle";
export type Outcome<State extends ActiveState> = keyof (typeof workflow)[State]["next"];
export type Part = (typeof workflow)[ActiveState]["part"];

/** Whether the running service is untouched in this part, so that an update may simply be ended there. */
export function untouched(part: Part | undefined): boolean {
  return part === "preparing" || part === "waiting";
}

type Arrows = {
  [State in ActiveState]:
    | (typeof workflow)[State]["next"][keyof (typeof workflow)[State]["next"]]
    | (typeof workflow)[State]["condemned"];
}[ActiveState];
type AllStates<Names extends StateName> = Names;
/** Where an arrow may end: in a state of the table. A typing mistake in a row does not compile. */
export type Target = AllStates<Arrows>;

/** So many starts of one state without an end condemn the attempt. */
export const crashLimit = 3;
