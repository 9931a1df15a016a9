import type { Clock } from "../../src/platform/ports.ts";
import type { MachineClock, Timer } from "./machine-clock.ts";

/** What may happen to a process as it calls something. */
export type Blow = "none" | "ends" | "stands still";

/**
 * One process on a machine, from its start to its end. Everything it does to the world goes through `call`: between any two calls
 * it may end, or stand still for as long as somebody likes. What is dead does nothing more, whatever its code believes.
 */
export interface Life {
  readonly clock: Clock;
  readonly dead: boolean;
  readonly still: boolean;
  /** Does something to the world, with a moment before and after at which anything may happen to the process. */
  call<Result>(name: string, act: () => Result | Promise<Result>): Promise<Result>;
  /** The same for what blocks the process; throws when it is dead. */
  block<Result>(name: string, act: () => Result): Result;
  /** Something reaches the process: at once, once it goes on, or never. */
  hear(then: () => void): void;
  /** SIGSTOP. */
  stop(): void;
  /** SIGCONT. */
  goOn(): void;
  /** SIGKILL. */
  end(): void;
}

/** `strike` says what happens at a moment. */
export function createLife(machine: MachineClock, strike: (moment: string) => Blow): Life {
  let dead = false;
  let still = false;
  const waiting: (() => void)[] = [];

  const hear = (then: () => void) => {
    if (dead) return;
    if (still) waiting.push(then);
    else then();
  };
  const struck = (moment: string) => {
    const blow = strike(moment);
    if (blow === "ends") dead = true;
    if (blow === "stands still") still = true;
  };
  /** Undefined: the process goes on at once. */
  const moment = (name: string): Promise<void> | undefined => {
    if (!dead) struck(name);
    if (dead) return never();
    return still ? new Promise((resolve) => waiting.push(resolve)) : undefined;
  };
  return {
    clock: clockOf(machine, hear, () => dead),
    get dead() {
      return dead;
    },
    get still() {
      return still;
    },
    async call(name, act) {
      const before = moment(name);
      if (before !== undefined) await before;
      let result: Awaited<ReturnType<typeof act>>;
      try {
        result = await act();
      } finally {
        const after = moment(name);
        // What waits here for ever holds back an error as well.
        if (after !== undefined) await after;
      }
      return result;
    },
    block(name, act) {
      if (!dead) struck(name);
      if (dead) throw new Error("the process is dead");
      const result = act();
      struck(name);
      if (dead) throw new Error("the process is dead");
      return result;
    },
    hear,
    stop() {
      still = true;
    },
    goOn() {
      still = false;
      // One of them may stop it again.
      for (const then of waiting.splice(0)) hear(then);
    },
    end() {
      dead = true;
      waiting.length = 0;
    },
  };
}

function never(): Promise<never> {
  return new Promise(() => {});
}

function clockOf(machine: MachineClock, hear: (then: () => void) => void, dead: () => boolean): Clock {
  return {
    wall: machine.wall,
    monotonic: machine.monotonic,
    sleep: (duration, signal) =>
      new Promise((resolve, reject) => {
        if (dead()) return;
        if (signal?.aborted) return reject(signal.reason);
        const aborted = () => {
          timer.stop();
          reject(signal?.reason);
        };
        const fire = () => {
          signal?.removeEventListener("abort", aborted);
          resolve();
        };
        const timer = timerOf(machine, hear, Math.max(0, duration), fire);
        signal?.addEventListener("abort", aborted, { once: true });
      }),
    deadline(duration, reason, parent) {
      const controller = new AbortController();
      const timer = timerOf(machine, hear, duration, () => controller.abort(reason()));
      const followed = () => controller.abort(parent?.reason);
      if (parent?.aborted) followed();
      else parent?.addEventListener("abort", followed, { once: true });
      return {
        signal: controller.signal,
        [Symbol.dispose]() {
          timer.stop();
          parent?.removeEventListener("abort", followed);
        },
      };
    },
  };
}

/** One that was stopped never fires, also if its time came while the process stood still. */
function timerOf(machine: MachineClock, hear: (then: () => void) => void, duration: number, then: () => void): Timer {
  let stopped = false;
  const timer = machine.in(duration, () => hear(() => stopped || then()));
  return {
    stop() {
      stopped = true;
      timer.stop();
    },
  };
}
