import { stoppable } from "../../../platform/stoppable.ts";

/** So many pieces of work are under way at a time; the others wait for their turn. */
export interface Lanes {
  /** Resolves with what gives the lane back; rejects with the signal's reason when it aborts before there was one. */
  enter(signal: AbortSignal): Promise<() => void>;
}

export function createLanes(width: number): Lanes {
  const waiting: (() => void)[] = [];
  let free = width;
  const leave = () => {
    const next = waiting.shift();
    if (next === undefined) free += 1;
    else next();
  };
  return {
    async enter(signal) {
      signal.throwIfAborted();
      if (free > 0) {
        free -= 1;
        return leave;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      waiting.push(resolve);
      try {
        await stoppable(promise, signal);
        return leave;
      } catch (reason) {
        const place = waiting.indexOf(resolve);
        if (place >= 0) waiting.splice(place, 1);
        else leave();
        throw reason;
      }
    },
  };
}

/**
 * Runs work on a file system that may hang: each call that does takes away one of the four threads that all files and names of
 * the process share. A lane is free again when its work has really ended, not when nobody waits for it any more.
 */
export async function inLanes<Value>(
  lanes: readonly Lanes[],
  work: () => Promise<Value>,
  signal: AbortSignal,
): Promise<Value> {
  const leaving: (() => void)[] = [];
  const leaveAll = () => {
    for (const leave of leaving) leave();
  };
  try {
    for (const lane of lanes) leaving.push(await lane.enter(signal));
  } catch (reason) {
    leaveAll();
    throw reason;
  }
  return stoppable(work().finally(leaveAll), signal);
}
