import type { Milliseconds } from "../domain/duration.ts";
import type { Clock } from "./ports.ts";

/** The longest that a timer of the platform waits (2^31 - 1 ms); longer waits are done in several of them. */
const longestTimer: Milliseconds = 2_147_483_647;

/** Calls `then` after `duration`, however long; the result stops it. */
function after(duration: Milliseconds, then: () => void): () => void {
  const step = Math.min(Math.max(duration, 0), longestTimer);
  const rest = duration - step;
  let stop = () => clearTimeout(timer);
  const timer = setTimeout(() => {
    if (rest > 0) stop = after(rest, then);
    else then();
  }, step);
  return () => stop();
}

function sleep(duration: Milliseconds, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) {
      reject(signal.reason);
      return;
    }
    const aborted = () => {
      stop();
      reject(signal?.reason);
    };
    const stop = after(duration, () => {
      signal?.removeEventListener("abort", aborted);
      resolve();
    });
    signal?.addEventListener("abort", aborted, { once: true });
  });
}

function deadline(
  duration: Milliseconds,
  reason: () => Error,
  parent?: AbortSignal,
): Disposable & { readonly signal: AbortSignal } {
  const controller = new AbortController();
  const followed = () => controller.abort(parent?.reason);
  const stop = after(duration, () => controller.abort(reason()));
  if (parent?.aborted) followed();
  else parent?.addEventListener("abort", followed, { once: true });
  return {
    signal: controller.signal,
    [Symbol.dispose]() {
      stop();
      parent?.removeEventListener("abort", followed);
    },
  };
}

/** The clock of this machine. */
export const systemClock: Clock = {
  wall: () => Date.now(),
  monotonic: () => performance.now(),
  sleep,
  deadline,
};
