import type { Schema } from "../../domain/options.ts";
import { type DriverDefinition, registry } from "../driver.ts";
import { http } from "./http.ts";
import type { Probe, ProbePorts } from "./probe.ts";
import { script } from "./script.ts";
import { tcp } from "./tcp.ts";

/** Every health probe that the configuration can name: one file, one line. */
export const probes = registry<DriverDefinition<Schema, ProbePorts, Probe>>("health probe", [http, tcp, script]);
