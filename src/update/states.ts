/**
 * The workflow of one update: the only place that says what follows what. Each row is a state: the part of the update it
 * belongs to, the state that each outcome of its step leads to, and where an attempt goes that crashed in it three times.
 * A restarted agent runs the step of the state it finds again: every step may run twice.
 *
 * Parts: "preparing" leaves the running service untouched; "switching" is the time in which it is down or unproven;
 * "undoing" brings the previous release back; "closing" reports.
 */
export const workflow = {
  fetching: {
    part: "preparing",
    next: { fetched: "verifying", failed: "running-failure-hooks", stopped: "finishing" },
    condemned: "running-failure-hooks",
  },
  verifying: {
    part: "preparing",
    next: { verified: "staging", "same-content": "finishing", failed: "running-failure-hooks" },
    condemned: "running-failure-hooks",
  },
  staging: {
    part: "preparing",
    next: { staged: "confirming", failed: "running-failure-hooks", stopped: "finishing" },
    condemned: "running-failure-hooks",
  },
  confirming: {
    part: "preparing",
    next: { wanted: "running-before-hooks", superseded: "finishing", stopped: "finishing" },
    condemned: "finishing",
  },
  "running-before-hooks": {
    part: "switching",
    next: { done: "switching", "refused-untouched": "running-failure-hooks", refused: "restoring" },
    condemned: "restoring",
  },
  switching: {
    part: "switching",
    next: { switched: "running-after-hooks", failed: "restoring" },
    condemned: "running-rollback-before-hooks",
  },
  "running-after-hooks": {
    part: "switching",
    next: { done: "checking-health", failed: "running-rollback-before-hooks" },
    condemned: "running-rollback-before-hooks",
  },
  "checking-health": {
    part: "switching",
    next: { healthy: "committing", unhealthy: "running-rollback-before-hooks" },
    condemned: "running-rollback-before-hooks",
  },
  committing: {
    part: "closing",
    next: { committed: "running-success-hooks" },
    condemned: "finishing",
  },
  "running-success-hooks": {
    part: "closing",
    next: { done: "finishing" },
    condemned: "finishing",
  },
  restoring: {
    part: "undoing",
    next: { restored: "running-failure-hooks", failed: "running-failure-hooks" },
    condemned: "running-failure-hooks",
  },
  "running-rollback-before-hooks": {
    part: "undoing",
    next: { done: "switching-back" },
    condemned: "switching-back",
  },
  "switching-back": {
    part: "undoing",
    next: {
      switched: "running-rollback-after-hooks",
      withdrawn: "running-failure-hooks",
      failed: "running-failure-hooks",
    },
    condemned: "running-failure-hooks",
  },
  "running-rollback-after-hooks": {
    part: "undoing",
    next: { done: "checking-rollback", failed: "running-failure-hooks" },
    condemned: "running-failure-hooks",
  },
  "checking-rollback": {
    part: "undoing",
    next: { healthy: "running-failure-hooks", unhealthy: "running-failure-hooks" },
    condemned: "running-failure-hooks",
  },
  "running-failure-hooks": {
    part: "closing",
    next: { done: "finishing" },
    condemned: "finishing",
  },
  finishing: {
    part: "closing",
    next: { finished: "idle" },
    condemned: "idle",
  },
} as const satisfies Record<
  string,
  {
    readonly part: "preparing" | "switching" | "undoing" | "closing";
    readonly next: Readonly<Record<string, string>>;
    readonly condemned: string;
  }
>;

export type ActiveState = keyof typeof workflow;
/** "idle" is the end: nothing is left to do for this update. */
export type StateName = ActiveState | "idle";
export type Outcome<State extends ActiveState> = keyof (typeof workflow)[State]["next"];
export type Part = (typeof workflow)[ActiveState]["part"];

// Every arrow ends in a state of the table: a typing mistake in a row does not compile.
type Targets = {
  [State in ActiveState]:
    | (typeof workflow)[State]["next"][keyof (typeof workflow)[State]["next"]]
    | (typeof workflow)[State]["condemned"];
}[ActiveState];
export const everyArrowEndsInAState: Targets extends StateName ? true : never = true;

/** So many starts of one state without an end condemn the attempt. */
export const crashLimit = 3;
