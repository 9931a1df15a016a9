import type { Evidence } from "../evidence.ts";
import { type Step, suspended } from "../machine.ts";
import type { UpdatePorts } from "../ports.ts";
import { watchHealth } from "../watch-health.ts";
import { provedGoodHere } from "./verifying.ts";

/** Watches the new release until it proved good for the whole bake time. One that proved good here before need not bake. */
export function checkingHealth(ports: UpdatePorts, evidence: Evidence): Step<"checking-health"> {
  return async (update, signal) => {
    const bake = provedGoodHere(ports, update) ? 0 : ports.service.bake;
    const result = await watchHealth(update, { bake }, ports, evidence, signal);
    if (result === suspended) return suspended;
    if (result.healthy) return { outcome: "healthy", learned: { outcome: "updated", failure: undefined } };
    return { outcome: "unhealthy", learned: { failure: result.failure, blame: "content" } };
  };
}
