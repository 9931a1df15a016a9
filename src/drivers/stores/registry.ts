import type { Schema } from "../../domain/options.ts";
import { registry } from "../driver.ts";
import { consul } from "./consul.ts";
import { etcd } from "./etcd.ts";
import { redis } from "./redis.ts";
import type { StoreDefinition } from "./store.ts";

/** Every store that `lock` can name: one file, one line. */
export const stores = registry<StoreDefinition<Schema>>("lock", [consul, etcd, redis]);
