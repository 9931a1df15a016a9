import type { Milliseconds } from "../../src/domain/duration.ts";
import { type Appointment, cancel, type Timeline } from "./timeline.ts";

/** The clocks of one machine: a wall clock that is off, drifts and jumps, and one for durations with a rate of its own. */
export interface MachineClock {
  wall(): number;
  monotonic(): Milliseconds;
  /** Somebody sets the wall clock. */
  jump(by: Milliseconds): void;
  /** The machine is suspended: its durations stand still, the world's time and its wall clock do not. */
  freeze(): void;
  thaw(): void;
  /** Calls `then` after so much of this machine's time. */
  in(duration: Milliseconds, then: () => void): Timer;
}

export interface Timer {
  stop(): void;
}

/** The world begins at this moment. */
const epoch = 1_750_000_000_000;
/** What is left of a duration by an error of rounding is not waited for. */
const nothing = 0.001;

/** `right`: nobody sets its wall clock wrong. */
export function machineClock(timeline: Timeline, rate: number, offset: Milliseconds, right = false): MachineClock {
  let set = offset;
  let frozen = 0;
  let frozenSince: number | undefined;
  const waiting = new Set<() => void>();
  const clock: MachineClock = {
    wall: () => Math.round(epoch + set + timeline.now() * rate),
    monotonic: () => 1000 + ((frozenSince ?? timeline.now()) - frozen) * rate,
    jump(by) {
      if (!right) set += by;
    },
    freeze() {
      frozenSince ??= timeline.now();
    },
    thaw() {
      if (frozenSince === undefined) return;
      frozen += timeline.now() - frozenSince;
      frozenSince = undefined;
      const ready = [...waiting];
      waiting.clear();
      for (const look of ready) look();
    },
    in(duration, then) {
      const due = clock.monotonic() + duration;
      let appointment: Appointment | undefined;
      const arm = () => {
        appointment = timeline.in((due - clock.monotonic()) / rate, look);
      };
      const look = () => {
        if (frozenSince !== undefined) waiting.add(look);
        else if (due - clock.monotonic() > nothing) arm();
        else then();
      };
      arm();
      return {
        stop() {
          cancel(appointment);
          waiting.delete(look);
        },
      };
    },
  };
  return clock;
}
