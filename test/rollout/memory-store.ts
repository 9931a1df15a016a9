import { failure } from "../../src/domain/failures/failure.ts";
import type { Store, Swap, Versioned } from "../../src/drivers/stores/store.ts";
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

/** A way in which stores were seen to break their promises: a small change of a sound one. */
export interface Personality {
  readonly name: string;
  /** The first check that it fails. */
  readonly fails: string;
  readonly of: (store: Store) => Store;
}

type SwapCall = Store["swap"];

function withSwap(swap: (sound: Store) => SwapCall): Personality["of"] {
  return (sound) => ({ ...sound, swap: swap(sound) });
}

async function force(sound: Store, key: string, bytes: Uint8Array, signal: AbortSignal): Promise<Swap> {
  await sound.put(key, bytes, signal);
  const now = await sound.read(key, signal);
  return { outcome: "swapped", version: now?.version ?? "" };
}

export const personalities: readonly Personality[] = [
  {
    name: "ignores all conditions",
    fails: "no create over a present value",
    of: withSwap((sound) => (key, bytes, _version, signal) => force(sound, key, bytes, signal)),
  },
  {
    name: "honours the condition for a create only",
    fails: "no swap at an old version",
    of: withSwap(
      (sound) => (key, bytes, version, signal) =>
        version === undefined ? sound.swap(key, bytes, version, signal) : force(sound, key, bytes, signal),
    ),
  },
  {
    name: "honours the condition for a swap only",
    fails: "no create over a present value",
    of: withSwap(
      (sound) => (key, bytes, version, signal) =>
        version === undefined ? force(sound, key, bytes, signal) : sound.swap(key, bytes, version, signal),
    ),
  },
  {
    name: "has the condition of a create the wrong way round",
    fails: "create when absent",
    of: withSwap((sound) => async (key, bytes, version, signal) => {
      if (version !== undefined) return sound.swap(key, bytes, version, signal);
      return (await sound.read(key, signal)) === undefined ? { outcome: "conflict" } : force(sound, key, bytes, signal);
    }),
  },
  {
    name: "checks and writes in two steps",
    fails: "one winner of 32 creates at once",
    of: withSwap((sound) => async (key, bytes, version, signal) => {
      const now = await sound.read(key, signal);
      return now?.version === version ? force(sound, key, bytes, signal) : { outcome: "conflict" };
    }),
  },
  {
    name: "checks swaps and writes in two steps",
    fails: "one winner of 32 swaps at once",
    of: withSwap((sound) => async (key, bytes, version, signal) => {
      if (version === undefined) return sound.swap(key, bytes, version, signal);
      const now = await sound.read(key, signal);
      return now?.version === version ? force(sound, key, bytes, signal) : { outcome: "conflict" };
    }),
  },
  {
    name: "loses the conditions where a value has older versions",
    fails: "no swap at an old version",
    of: (sound) => {
      const written = new Map<string, number>();
      const swap: SwapCall = async (key, bytes, version, signal) => {
        const times = written.get(key) ?? 0;
        const answer =
          times >= 2 ? await force(sound, key, bytes, signal) : await sound.swap(key, bytes, version, signal);
        if (answer.outcome === "swapped") written.set(key, times + 1);
        return answer;
      };
      return { ...sound, swap };
    },
  },
  {
    name: "refuses every swap, also at the present version",
    fails: "a swap at the present version",
    of: withSwap(
      (sound) => (key, bytes, version, signal) =>
        version === undefined ? sound.swap(key, bytes, version, signal) : Promise.resolve({ outcome: "conflict" }),
    ),
  },
  {
    name: "refuses the third swap of a value, whatever it is",
    fails: "a new version with each write",
    of: (sound) => {
      const times = new Map<string, number>();
      const swap: Store["swap"] = async (key, bytes, version, signal) => {
        const time = (times.get(key) ?? 0) + (version === undefined ? 0 : 1);
        times.set(key, time);
        return time === 3 ? { outcome: "conflict" } : await sound.swap(key, bytes, version, signal);
      };
      return { ...sound, swap };
    },
  },
  {
    name: "has one version for all writes of a value",
    fails: "a new version with each write",
    of: (sound) => ({
      ...sound,
      async read(key, signal) {
        const found = await sound.read(key, signal);
        return found && { ...found, version: "same" };
      },
      async swap(key, bytes, version, signal) {
        const now = await sound.read(key, signal);
        const at = version === undefined ? undefined : now?.version;
        const answer = await sound.swap(key, bytes, at, signal);
        return answer.outcome === "swapped" ? { ...answer, version: "same" } : answer;
      },
    }),
  },
  {
    name: "lets a swap through where nothing is",
    fails: "no swap where nothing is",
    of: withSwap((sound) => async (key, bytes, version, signal) => {
      const empty = (await sound.read(key, signal)) === undefined;
      return sound.swap(key, bytes, empty ? undefined : version, signal);
    }),
  },
  {
    name: "says that it refused, and writes all the same",
    fails: "no create over a present value",
    of: withSwap((sound) => async (key, bytes, version, signal) => {
      const answer = await sound.swap(key, bytes, version, signal);
      if (answer.outcome === "conflict") await sound.put(key, bytes, signal);
      return answer;
    }),
  },
  {
    name: "says that it wrote, and did not",
    fails: "create when absent",
    of: withSwap(() => () => Promise.resolve({ outcome: "swapped", version: "none" })),
  },
  {
    name: "reads what was there a while ago",
    fails: "a read sees the last write",
    of: (sound) => {
      const times = new Map<string, number>();
      const shown = new Map<string, Versioned | undefined>();
      return {
        ...sound,
        async read(key, signal) {
          const found = await sound.read(key, signal);
          const count = (times.get(key) ?? 0) + 1;
          times.set(key, count);
          const old = shown.get(key);
          shown.set(key, found);
          return count > 3 ? old : found;
        },
      };
    },
  },
];
