import type { Milliseconds } from "../domain/duration.ts";
import { failure } from "../domain/failures/failure.ts";
import { hookEnvironment } from "../domain/hook-environment.ts";
import type { Release } from "../domain/release.ts";
import type { ServiceProbe } from "../update/ports.ts";
import type { ManagedService, ServiceContext } from "./managed-service.ts";
import type { ServiceStatus } from "./operations.ts";

/** A person waits for the answer: a probe that takes longer counts as unhealthy, whatever time an update would give it. */
const patience: Milliseconds = 3_000;

/**
 * Asks every probe once. "unknown" where there is none, where nothing runs, and in the middle of a switch, which watches
 * the service itself.
 */
export async function healthNow(
  service: ManagedService,
  running: Release | undefined,
  context: ServiceContext,
): Promise<ServiceStatus["health"]> {
  const { probes } = service.parts();
  const busy = () => service.phase() !== "idle" && !service.isPreparing();
  if (probes.length === 0 || running === undefined || busy()) return "unknown";
  const answers = await Promise.all(probes.map((probe) => isHealthy(probe, service, running, context)));
  if (busy()) return "unknown";
  return answers.every(Boolean) ? "healthy" : "unhealthy";
}

async function isHealthy(
  { probe, declaration }: ServiceProbe,
  service: ManagedService,
  release: Release,
  { ports, stop }: ServiceContext,
): Promise<boolean> {
  const timeout = Math.min(declaration.timeout, patience);
  using limit = ports.clock.deadline(timeout, () => failure("probe-timed-out", { after: timeout }), stop);
  const facts = { service: service.declaration(), hostname: ports.hostname, stage: "health", attempt: 1 } as const;
  const environment = hookEnvironment({ ...facts, release, rollback: false });
  const directory = service.declaration().artifact.destination;
  try {
    const answer = await probe.check({ environment, directory, signal: limit.signal, timeout });
    return answer.healthy;
  } catch {
    return false;
  }
}
