import type { Store, Swap, Versioned } from "../../src/drivers/stores/store.ts";

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
