import type { Clock } from "../../src/platform/ports.ts";

/** Time that passes only when nobody can do anything else: an hour of waiting takes no time at all. */
export interface SimulatedClock extends Clock {
  /** Runs the world until `ended` says so or the promise settles; throws when the world waits for nothing. */
  run<Result>(task: Promise<Result>, ended?: () => boolean, turns?: number): Promise<Result | undefined>;
  /** Calls `then` at this moment. */
  at(moment: number, then: () => void): void;
  /** A crash: nobody waits any more. */
  forget(): void;
  /** The wall clock jumps; durations do not. */
  jump(by: number): void;
}

interface Timer {
  readonly due: number;
  readonly fire: () => void;
}

export function simulatedClock(): SimulatedClock {
  let now = 1000;
  let offset = 1_700_000_000_000;
  let timers: Timer[] = [];
  const add = (timer: Timer) => {
    timers.push(timer);
    return () => {
      timers = timers.filter((other) => other !== timer);
    };
  };

  const clock: SimulatedClock = {
    wall: () => now + offset,
    monotonic: () => now,
    sleep: (duration, signal) =>
      new Promise((resolve, reject) => {
        if (signal?.aborted) {
          reject(signal.reason);
          return;
        }
        const aborted = () => {
          cancel();
          reject(signal?.reason);
        };
        const fire = () => {
          signal?.removeEventListener("abort", aborted);
          resolve();
        };
        const cancel = add({ due: now + duration, fire });
        signal?.addEventListener("abort", aborted, { once: true });
      }),
    deadline(duration, reason, parent) {
      const controller = new AbortController();
      const cancel = add({ due: now + duration, fire: () => controller.abort(reason()) });
      const followed = () => controller.abort(parent?.reason);
      if (parent?.aborted) followed();
      else parent?.addEventListener("abort", followed, { once: true });
      return {
        signal: controller.signal,
        [Symbol.dispose]() {
          cancel();
          parent?.removeEventListener("abort", followed);
        },
      };
    },
    async run(task, ended = () => false, longest = 20_000) {
      let settled = false;
      const mark = () => {
        settled = true;
      };
      task.then(mark, mark);
      for (let turns = 0; turns < longest; turns += 1) {
        await new Promise((resolve) => setImmediate(resolve));
        if (settled) return task;
        if (ended()) return undefined;
        const next = timers.reduce<Timer | undefined>(earlier, undefined);
        if (next === undefined) throw new Error("The simulated world waits for nothing.");
        timers = timers.filter((timer) => timer !== next);
        now = Math.max(now, next.due);
        next.fire();
      }
      throw new Error("The simulated world never comes to an end.");
    },
    at: (moment, then) => void add({ due: moment, fire: then }),
    forget() {
      timers = [];
    },
    jump(by) {
      offset += by;
    },
  };
  return clock;
}

/** Of two at one moment, the one that was set first. */
function earlier(one: Timer | undefined, other: Timer): Timer {
  return one === undefined || other.due < one.due ? other : one;
}
