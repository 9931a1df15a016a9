import type { Waiting } from "../domain/rollout/waiting.ts";
import type { UpdateEvent } from "../update/ports.ts";
import type { StateName } from "../update/states.ts";
import type { Progress } from "./operations.ts";

/** How far the update at hand has come. */
export interface Stage {
  /** "idle" without one. */
  readonly phase: StateName;
  /** When that state was entered; undefined when idle. Milliseconds since 1970. */
  readonly since?: number;
  readonly progress?: Progress;
  /** Why it waits for its slot. */
  readonly waiting?: Waiting;
}

export const atRest: Stage = { phase: "idle" };

/** What an event of the update makes of it. `now`: milliseconds since 1970. */
export function after(stage: Stage, event: UpdateEvent, now: number): Stage {
  switch (event.type) {
    case "state":
      return event.state === "idle" ? atRest : { phase: event.state, since: now };
    case "progress":
      return { ...stage, progress: event.progress };
    case "waiting":
      return { ...stage, waiting: event.waiting };
    case "evidence":
      return stage;
  }
}
