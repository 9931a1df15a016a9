import { failure } from "../../src/domain/failures/failure.ts";
import type { Store, Swap } from "../../src/drivers/stores/store.ts";
import type { Clock } from "../../src/platform/ports.ts";

/** What goes wrong with one request; each is used up by one swap of the key that it is for. */
export type Fault =
  /** It is written; nobody hears of it. */
  | "lost-answer"
  /** Nobody hears of it; it arrives after `late` milliseconds. */
  | { readonly late: number }
  /** It is written, and arrives a second time after `again` milliseconds. */
  | { readonly again: number }
  /** Certainly nothing was done. */
  | "refused";

export interface MemoryStore extends Store {
  /** The requests so far, by verb. */
  readonly counts: Record<"read" | "swap" | "put" | "list" | "remove" | "watch" | "conflict", number>;
  /** Faults of the swaps to come, in their order. */
  readonly faults: Fault[];
  /** Every value that a key ever had, in order. */
  readonly history: Map<string, string[]>;
  /** Nobody answers. */
  down: boolean;
  /** So many of the next reads see what was there one write before. */
  stale: number;
  /** The value as an outsider would change it; undefined removes it. */
  set(key: string, text: string | undefined): void;
  text(key: string): string | undefined;
}

export interface MemoryStoreOptions {
  readonly clock: Clock;
  /** Each request takes so long, there and back together. */
  readonly roundTrip?: number;
  /** 0: it can be watched. */
  readonly pace?: number;
  /** Large fleets write more than a machine can keep. */
  readonly keepsHistory?: boolean;
}

interface Entry {
  readonly bytes: Uint8Array;
  readonly version: string;
}

/** A linearizable store that keeps its promises, with the faults of the network that leads to it. */
export function memoryStore(options: MemoryStoreOptions): MemoryStore {
  const { clock, roundTrip = 2, pace = 0, keepsHistory = true } = options;
  const entries = new Map<string, Entry>();
  const before = new Map<string, Entry | undefined>();
  const watchers = new Set<{ key: string; wake: () => void }>();
  let versions = 0;

  const write = (key: string, bytes: Uint8Array | undefined): string => {
    versions += 1;
    before.set(key, entries.get(key));
    if (bytes === undefined) entries.delete(key);
    else entries.set(key, { bytes, version: `v${versions}` });
    const past = store.history.get(key) ?? [];
    if (keepsHistory) past.push(bytes === undefined ? "" : new TextDecoder().decode(bytes));
    store.history.set(key, past);
    for (const watcher of watchers) if (watcher.key === key) watcher.wake();
    return `v${versions}`;
  };
  const arrive = (key: string, bytes: Uint8Array, version: string | undefined): Swap => {
    if (entries.get(key)?.version !== version) {
      store.counts.conflict += 1;
      return { outcome: "conflict" };
    }
    return { outcome: "swapped", version: write(key, bytes) };
  };
  const travel = async (verb: keyof MemoryStore["counts"], signal: AbortSignal) => {
    store.counts[verb] += 1;
    signal.throwIfAborted();
    await clock.sleep(roundTrip / 2, signal);
    if (store.down) throw failure("rollout-store-unanswered", { place: "memory", doing: verb, problem: "it is down" });
  };
  const back = (signal: AbortSignal) => clock.sleep(roundTrip / 2, signal);
  const unanswered: Swap = {
    outcome: "unknown",
    problem: failure("rollout-store-unanswered", { place: "memory", doing: "swap", problem: "it was lost" }).note,
  };

  const store: MemoryStore = {
    place: "memory",
    safety: "strict",
    pace,
    counts: { read: 0, swap: 0, put: 0, list: 0, remove: 0, watch: 0, conflict: 0 },
    faults: [],
    history: new Map(),
    down: false,
    stale: 0,
    set(key, text) {
      write(key, text === undefined ? undefined : new TextEncoder().encode(text));
    },
    text(key) {
      const entry = entries.get(key);
      return entry && new TextDecoder().decode(entry.bytes);
    },
    async read(key, signal) {
      await travel("read", signal);
      const found = store.stale > 0 ? before.get(key) : entries.get(key);
      store.stale = Math.max(0, store.stale - 1);
      await back(signal);
      return found;
    },
    async swap(key, bytes, version, signal) {
      await travel("swap", signal);
      const fault = store.faults.shift();
      if (fault === "refused") throw failure("rollout-store-busy", { place: "memory", answer: "try again" });
      if (typeof fault === "object" && "late" in fault) {
        void clock.sleep(fault.late).then(() => arrive(key, bytes, version));
        return unanswered;
      }
      const answer = arrive(key, bytes, version);
      if (typeof fault === "object") void clock.sleep(fault.again).then(() => arrive(key, bytes, version));
      await back(signal);
      return fault === "lost-answer" ? unanswered : answer;
    },
    async put(key, bytes, signal) {
      await travel("put", signal);
      write(key, bytes);
    },
    async list(prefix, signal) {
      await travel("list", signal);
      return [...entries.keys()].filter((key) => key.startsWith(prefix));
    },
    async remove(key, signal) {
      await travel("remove", signal);
      if (entries.has(key)) write(key, undefined);
    },
    close: () => {},
  };
  if (pace > 0) return store;
  return Object.assign(store, {
    async watch(key: string, version: string | undefined, patience: number, signal: AbortSignal): Promise<void> {
      await travel("watch", signal);
      if (entries.get(key)?.version !== version) return;
      const controller = new AbortController();
      const watcher = { key, wake: () => controller.abort() };
      watchers.add(watcher);
      signal.addEventListener("abort", watcher.wake, { once: true });
      await clock.sleep(patience, controller.signal).catch(() => {});
      signal.removeEventListener("abort", watcher.wake);
      watchers.delete(watcher);
      signal.throwIfAborted();
    },
  });
}
