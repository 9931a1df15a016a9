import type { Store } from "../../src/drivers/stores/store.ts";
import { bytes, soon } from "../drivers/stores/opened.ts";

export const key = "web/default/record";
export const oldText = "the old value";
const newText = "the new value";

export interface Action {
  /** Whether there is a value before. */
  readonly exists: boolean;
  /** What is there when it was done; undefined: nothing. */
  readonly after: string | undefined;
  /** Looks at what is there first, so that only the change itself is disturbed. */
  prepare(store: Store): Promise<() => Promise<unknown>>;
}

export const actions: Readonly<Record<string, Action>> = {
  create: {
    exists: false,
    after: newText,
    prepare: async (store) => () => store.swap(key, bytes(newText), undefined, soon()),
  },
  swap: {
    exists: true,
    after: newText,
    async prepare(store) {
      const present = await store.read(key, soon());
      return () => store.swap(key, bytes(newText), present?.version, soon());
    },
  },
  put: {
    exists: true,
    after: newText,
    prepare: async (store) => async () => {
      await store.put(key, bytes(newText), soon());
      return { outcome: "swapped" };
    },
  },
  remove: {
    exists: true,
    after: undefined,
    prepare: async (store) => async () => {
      await store.remove(key, soon());
      return { outcome: "swapped" };
    },
  },
};
