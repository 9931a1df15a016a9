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
  /** Of two at one moment, the one that was set first comes first. */
  readonly order: number;
  /** Gone once it was cancelled. */
  fire?: () => void;
}

export function simulatedClock(): SimulatedClock {
  let now = 1000;
  let offset = 1_700_000_000_000;
  let order = 0;
  const timers: Timer[] = [];
  const add = (due: number, fire: () => void) => {
    order += 1;
    const timer: Timer = { due, order, fire };
    insert(timers, timer);
    return () => {
      delete timer.fire;
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
        const cancel = add(now + duration, fire);
        signal?.addEventListener("abort", aborted, { once: true });
      }),
    deadline(duration, reason, parent) {
      const controller = new AbortController();
      const cancel = add(now + duration, () => controller.abort(reason()));
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
        let next = takeFirst(timers);
        while (next !== undefined && next.fire === undefined) next = takeFirst(timers);
        if (next === undefined) throw new Error("The simulated world waits for nothing.");
        now = Math.max(now, next.due);
        next.fire?.();
      }
      throw new Error("The simulated world never comes to an end.");
    },
    at: (moment, then) => void add(moment, then),
    forget() {
      timers.length = 0;
    },
    jump(by) {
      offset += by;
    },
  };
  return clock;
}

function isEarlier(one: Timer, other: Timer): boolean {
  return one.due < other.due || (one.due === other.due && one.order < other.order);
}

/** A heap: each timer is earlier than the two below it, so that a world with many thousand of them stays quick. */
function insert(timers: Timer[], timer: Timer): void {
  let place = timers.length;
  timers.push(timer);
  while (place > 0) {
    const above = (place - 1) >> 1;
    if (!isEarlier(timer, timers[above]!)) break;
    timers[place] = timers[above]!;
    place = above;
  }
  timers[place] = timer;
}

function takeFirst(timers: Timer[]): Timer | undefined {
  const first = timers[0];
  const last = timers.pop();
  if (last === undefined || timers.length === 0) return first;
  let place = 0;
  for (;;) {
    let below = 2 * place + 1;
    if (below + 1 < timers.length && isEarlier(timers[below + 1]!, timers[below]!)) below += 1;
    if (below >= timers.length || !isEarlier(timers[below]!, last)) break;
    timers[place] = timers[below]!;
    place = below;
  }
  timers[place] = last;
  return first;
}
