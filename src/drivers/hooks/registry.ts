import type { Schema } from "../../domain/options.ts";
import { type DriverDefinition, registry } from "../driver.ts";
import type { Hook, HookPorts } from "./hook.ts";

/** Every hook that the configuration can name: one file, one line. */
export const hooks = registry<DriverDefinition<Schema, HookPorts, Hook>>("hook", []);
