import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import type { Milliseconds } from "../domain/duration.ts";

const usually: Milliseconds = 60_000;
/** Bytes of growth that are worth a collection of some 20 ms. */
const worthwhile = 4e6;

/**
 * Gives memory back that the engine would keep: it lets the heap of a process that does little grow by tens of megabytes
 * before it looks for garbage among what is older. Looks every `interval`; keeps no process alive.
 */
export function keepMemorySmall(interval: Milliseconds = usually): Disposable {
  setFlagsFromString("--expose-gc");
  const collect = runInNewContext("gc") as (options: { type: "major"; flavor: "last-resort" }) => void;
  let kept = 0;
  const timer = setInterval(() => {
    if (used() < kept + worthwhile) return;
    collect({ type: "major", flavor: "last-resort" });
    kept = used();
  }, interval);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function used(): number {
  return getHeapStatistics().used_heap_size;
}
