import type { Store } from "../src/drivers/stores/store.ts";

export interface Requests {
  /** By verb. */
  readonly sent: Record<"read" | "swap" | "put" | "list" | "remove" | "watch", number>;
  /** Swaps that somebody else was faster than. */
  conflicts: number;
  /** Values that were read and written; names and heads aside. */
  bytesRead: number;
  bytesWritten: number;
}

export function noRequests(): Requests {
  const sent = { read: 0, swap: 0, put: 0, list: 0, remove: 0, watch: 0 };
  return { sent, conflicts: 0, bytesRead: 0, bytesWritten: 0 };
}

export function allOf({ sent }: Requests): number {
  return Object.values(sent).reduce((sum, count) => sum + count, 0);
}

/** The store, with all that is asked of it counted; many stores may share one count. */
export function counted(store: Store, requests: Requests, onRequest = () => {}): Store {
  const { watch } = store;
  const count = (verb: keyof Requests["sent"]) => {
    requests.sent[verb] += 1;
    onRequest();
  };
  return {
    ...store,
    async read(...call) {
      count("read");
      const found = await store.read(...call);
      requests.bytesRead += found?.bytes.length ?? 0;
      return found;
    },
    async swap(key, bytes, version, signal) {
      count("swap");
      requests.bytesWritten += bytes.length;
      const swap = await store.swap(key, bytes, version, signal);
      if (swap.outcome === "conflict") requests.conflicts += 1;
      return swap;
    },
    put(key, bytes, signal) {
      count("put");
      requests.bytesWritten += bytes.length;
      return store.put(key, bytes, signal);
    },
    list(...call) {
      count("list");
      return store.list(...call);
    },
    remove(...call) {
      count("remove");
      return store.remove(...call);
    },
    ...(watch && {
      watch(...call) {
        count("watch");
        return watch(...call);
      },
    }),
  };
}
