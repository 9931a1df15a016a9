import assert from "node:assert/strict";
import { file } from "../../../src/drivers/repositories/file.ts";
import type { Store, StorePorts } from "../../../src/drivers/stores/store.ts";
import { decoded } from "../../contracts/hook.ts";
import { storePorts } from "./opened.ts";

/** The store beside an artifact that is a file, as the configuration makes it. */
export function beside(path: string, ports: StorePorts = storePorts()): Store {
  const store = file.store?.({}, decoded(file.artifact, { path }), ports);
  assert.ok(store);
  return store;
}
