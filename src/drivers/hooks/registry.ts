import type { Schema } from "../../domain/options.ts";
import { type DriverDefinition, registry } from "../driver.ts";
import { consulEvent } from "./consul-event.ts";
import { graphiteEvent } from "./graphite-event.ts";
import type { Hook, HookPorts } from "./hook.ts";
import { script } from "./script.ts";

/** Every hook that the configuration can name: one file, one line. */
export const hooks = registry<DriverDefinition<Schema, HookPorts, Hook>>("hook", [script, graphiteEvent, consulEvent]);
