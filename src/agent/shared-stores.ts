import type { ServiceDeclaration } from "../domain/service.ts";
import type { Store, StorePorts } from "../drivers/stores/store.ts";
import { storeOf } from "./store-of.ts";

/** A store as long as it is needed; disposing of it twice is once. */
export interface LentStore extends Disposable {
  readonly store: Store;
}

/** The stores in which the services of one agent meet others: one for each lock, however many services use it. */
export interface SharedStores {
  lend(service: ServiceDeclaration, ports: StorePorts): LentStore;
}

interface Shelf {
  readonly store: Store;
  users: number;
}

export function sharedStores(open: typeof storeOf = storeOf): SharedStores {
  const shelves = new Map<string, Shelf>();
  return {
    lend(service, ports) {
      // Beside an artifact there is one service only.
      const key = service.lock ? JSON.stringify([service.lock.driver, service.lock.options]) : undefined;
      const known = key === undefined ? undefined : shelves.get(key);
      const shelf = known ?? { store: open(service, ports), users: 0 };
      if (key !== undefined) shelves.set(key, shelf);
      shelf.users += 1;
      let lent = true;
      return {
        store: shelf.store,
        [Symbol.dispose]() {
          if (!lent) return;
          lent = false;
          shelf.users -= 1;
          if (shelf.users > 0) return;
          if (key !== undefined) shelves.delete(key);
          shelf.store.close();
        },
      };
    },
  };
}
