import type { Milliseconds } from "../../../domain/duration.ts";
import { callLimit } from "../exchange.ts";
import type { Store, StorePorts } from "../store.ts";
import type { ConsulKv } from "./kv.ts";

/** One blocking query is this long at most: below the minute after which balancers commonly cut a silent connection. */
const longestWait: Milliseconds = 50_000;

/**
 * Follows a key by blocking queries (HTTP API, "Blocking Queries"). Consul adds up to a sixteenth to the wait as jitter, which is
 * taken off beforehand.
 */
export function consulWatch(
  kv: ConsulKv,
  { clock, random }: Pick<StorePorts, "clock" | "random">,
): NonNullable<Store["watch"]> {
  return async (key, version, patience, signal) => {
    const end = clock.monotonic() + patience;
    const left = () => Math.max(0, end - clock.monotonic());
    // The first question does not wait: it tells whether the value is another already, and what index to wait for.
    let index = 0;
    while (left() > 0) {
      const wait = Math.ceil((Math.min(left(), longestWait) * 16) / 17);
      const query = index > 0 ? `?index=${index}&wait=${wait}ms` : "";
      const got = await kv.get(key, query, wait + callLimit, signal);
      // The documentation's rule for an index that went back (the store was restored): start over. The caller reads anew.
      if (got.entry?.version !== version || got.index < Math.max(index, 1)) return;
      index = got.index;
      if (query === "") continue;
      // A query on a key that is missing ends with any write to the store: not as fast as those come.
      await clock.sleep(Math.min(200 + random.fraction() * 300, left()), signal);
    }
  };
}
