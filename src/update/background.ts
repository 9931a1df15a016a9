import { asFailure, failure } from "../domain/failures/failure.ts";
import type { Clock, Logger } from "../platform/ports.ts";
import type { Background } from "./ports.ts";

/** Keeps track of work that nobody waits for, so that none of it outlives the agent unseen. */
export function backgroundWork(clock: Clock, logger: Logger): Background {
  const running = new Map<Promise<void>, AbortController>();
  return {
    start(label, work) {
      const cut = new AbortController();
      const task = Promise.resolve()
        .then(() => work(cut.signal))
        .catch((thrown) => {
          const met = asFailure(thrown);
          logger.log("warn", "background work failed", { label, code: met.code, problem: met.message });
        })
        .finally(() => running.delete(task));
      running.set(task, cut);
    },
    async settle(limit) {
      if (running.size === 0) return;
      const patience = new AbortController();
      const ended = Promise.allSettled(running.keys()).then(() => patience.abort());
      const waited = clock.sleep(limit, patience.signal).then(
        () => true,
        () => false,
      );
      if (!(await waited)) return;
      for (const cut of running.values()) cut.abort(failure("agent-stopping", {}));
      // A last moment for what heeds its signal; what does not is left to its own deadline.
      const moment = new AbortController();
      await Promise.race([ended, clock.sleep(1000, moment.signal).catch(() => {})]);
      moment.abort();
    },
  };
}
