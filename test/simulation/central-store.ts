import type { Swap, Versioned } from "../../src/drivers/stores/store.ts";

/** The store itself, at its own place: every request takes effect at one moment, in the order in which they arrive. */
export interface CentralStore {
  /** Takes no request. */
  down: boolean;
  readonly requests: Record<"read" | "swap" | "put" | "list" | "remove" | "watch" | "conflict", number>;
  read(key: string): Versioned | undefined;
  /** The same as it was up to `back` writes before. */
  readStale(key: string, back: number): Versioned | undefined;
  swap(key: string, bytes: Uint8Array, version: string | undefined): Swap;
  put(key: string, bytes: Uint8Array): void;
  list(prefix: string): readonly string[];
  remove(key: string): void;
  /** Calls `wake` once, at the next change of the value; the result ends that. */
  watch(key: string, wake: () => void): () => void;
  /** Somebody takes the value away, damages it, or brings back one of `back` writes before; false when there is none such. */
  tamper(key: string, back: Tampering): boolean;
}

export type Tampering = number | "removed" | "damaged";

export const nonsense: Uint8Array = new TextEncoder().encode('{"schema": 1, "seq"');

/** So many states of each value are remembered. */
const remembered = 100;

/** `onWrite` sees every change of a value, in order. */
export function createCentralStore(onWrite: (key: string, bytes: Uint8Array | undefined) => void): CentralStore {
  const entries = new Map<string, Versioned>();
  const past = new Map<string, Versioned[]>();
  const watchers = new Map<string, Set<() => void>>();
  let versions = 0;

  const write = (key: string, bytes: Uint8Array | undefined): string => {
    versions += 1;
    const version = `v${versions}`;
    if (bytes === undefined) entries.delete(key);
    else {
      entries.set(key, { bytes, version });
      const states = past.get(key) ?? [];
      if (states.length === 0) past.set(key, states);
      states.push({ bytes, version });
      if (states.length > remembered) states.shift();
    }
    onWrite(key, bytes);
    const woken = watchers.get(key);
    watchers.delete(key);
    for (const wake of woken ?? []) wake();
    return version;
  };
  const before = (key: string, back: number): Versioned | undefined => past.get(key)?.at(-1 - back);

  const store: CentralStore = {
    down: false,
    requests: { read: 0, swap: 0, put: 0, list: 0, remove: 0, watch: 0, conflict: 0 },
    read: (key) => entries.get(key),
    readStale: (key, back) => before(key, back) ?? entries.get(key),
    swap(key, bytes, version) {
      if (entries.get(key)?.version !== version) {
        store.requests.conflict += 1;
        return { outcome: "conflict" };
      }
      return { outcome: "swapped", version: write(key, bytes) };
    },
    put: (key, bytes) => void write(key, bytes),
    list: (prefix) => [...entries.keys()].filter((key) => key.startsWith(prefix)),
    remove(key) {
      if (entries.has(key)) write(key, undefined);
    },
    watch(key, wake) {
      const known = watchers.get(key) ?? new Set();
      watchers.set(key, known.add(wake));
      return () => void known.delete(wake);
    },
    tamper(key, back) {
      if (!entries.has(key)) return false;
      if (typeof back === "string") {
        write(key, back === "damaged" ? nonsense : undefined);
        return true;
      }
      const restored = before(key, back);
      if (restored !== undefined) write(key, restored.bytes);
      return restored !== undefined;
    },
  };
  return store;
}
