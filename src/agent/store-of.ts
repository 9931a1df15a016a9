import type { ServiceDeclaration } from "../domain/service.ts";
import { repositories } from "../drivers/repositories/registry.ts";
import { stores } from "../drivers/stores/registry.ts";
import type { Store, StorePorts } from "../drivers/stores/store.ts";

/** Where the hosts of a coordinated service meet: what `lock` names, or beside the artifact. */
export function storeOf({ lock, repository, artifact }: ServiceDeclaration, ports: StorePorts): Store {
  if (lock !== undefined) {
    const definition = stores.find(lock.driver);
    // The configuration was judged when it was loaded: a word without a driver is a defect of ours.
    if (definition === undefined) throw new TypeError(stores.unknown(lock.driver));
    return definition.create(lock.options, ports);
  }
  const store = repositories.find(repository.driver)?.store?.(repository.options, artifact.block.options, ports);
  if (store === undefined) throw new TypeError(`repository "${repository.driver}" has no store`);
  return store;
}
