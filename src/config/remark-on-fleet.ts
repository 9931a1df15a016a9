import type { DecodeContext } from "./decode-context.ts";
import type { DecodedMain } from "./decode-main.ts";
import type { DecodedService } from "./decoded-service.ts";

/** What is allowed and yet odd in how the services of this host go with others. */
export function remarkOnFleet(
  { source, reporter, ports }: DecodeContext,
  { fleet, host }: Pick<DecodedMain, "fleet" | "host">,
  services: readonly DecodedService[],
): void {
  if (reporter.failed()) return;
  const coordinated = services.find(({ service }) => service.rollout !== undefined);
  if (coordinated === undefined) {
    if (fleet.lock === undefined || services.length === 0) return;
    const remedy = "Give a service sequentialUpdates = true or a rollout block, or remove the lock.";
    reporter.warn(source, fleet.lock.span, { message: "no service uses the lock", remedy });
    return;
  }
  if (!/^localhost(?:\.|$)/i.test(host ?? ports.hostname)) return;
  const { context, nameSpan, service } = coordinated;
  context.reporter.warn(context.source, nameSpan, {
    message: `service "${service.name}" goes with the others of its fleet, where this host would be known as "${host ?? ports.hostname}"`,
    remedy: 'Give the host a name that no other has: hostnamectl set-hostname, or host = "web-1" in the main file.',
  });
}
