import type { Milliseconds } from "../domain/duration.ts";
import { failure } from "../domain/failures/failure.ts";
import { type Marker, sameMarker } from "../domain/release.ts";
import { standingNow } from "./compare-with-disk.ts";
import { fleetStatus } from "./fleet-status.ts";
import { healthNow } from "./health-now.ts";
import type { Journal } from "./journal/journal.ts";
import type { ManagedService, ServiceContext } from "./managed-service.ts";
import type { Operations, ServiceStatus } from "./operations.ts";

/** What the service does and how it fares, as seen now: the destination is looked at and the probes are asked. */
export async function statusOf(
  service: ManagedService,
  context: ServiceContext,
  nextCheck: number | undefined,
): Promise<ServiceStatus> {
  const { journal } = context;
  const [lastCheck, phase, { progress, since, waiting }] = [service.lastCheck(), service.phase(), service.stage()];
  const state = service.state();
  const { running, foreign } = await standingRelease(service, context);
  const lastUpdate = journal.attempt(service.name);
  const declaration = service.declaration();
  const marker = lastCheck?.marker ?? state.seen?.marker;
  const fleet = fleetStatus(declaration, service.parts().coordinator);
  const digest = sameMarker(marker, state.seen?.marker) ? state.seen?.digest : marker?.sha256;
  return {
    service: service.name,
    artifact: service.parts().repository.artifact,
    destination: declaration.artifact.destination,
    state: phase,
    ...(since !== undefined && { since }),
    ...(marker && { wanted: { marker, ...(digest !== undefined && { digest }), ...versionOf(marker) } }),
    ...(running && { running }),
    ...(foreign && { foreign }),
    health: await healthNow(service, running, context),
    ...(state.pinned !== undefined && { pinned: state.pinned }),
    paused: state.paused,
    broken: state.broken !== undefined,
    denied: state.denied,
    ...(lastCheck && { lastCheck: { at: lastCheck.at, ...(lastCheck.failure && { failure: lastCheck.failure }) } }),
    ...(nextCheck !== undefined && { nextCheck }),
    ...(lastUpdate && { lastUpdate }),
    ...(progress && { progress }),
    ...(waiting && { waiting }),
    ...(fleet && { fleet }),
  };
}

function versionOf({ published }: Marker): { readonly version?: string } {
  return published === undefined ? {} : { version: published.version };
}

/** A person waits for the answer. */
const patience: Milliseconds = 3_000;

/** What really stands at the destination, which may not be what the journal remembers: people have hands. */
async function standingRelease(
  service: ManagedService,
  context: ServiceContext,
): Promise<Pick<ServiceStatus, "running" | "foreign">> {
  const { current } = service.state();
  // In the middle of a switch the store is busy and the question has no answer yet.
  if (service.phase() !== "idle" && !service.isPreparing()) return current ? { running: current } : {};
  const standing = await standingNow(service, context, patience).catch(() => undefined);
  if (standing === undefined) return { foreign: "unknown" };
  if (standing.kind === "foreign") return { foreign: standing.what };
  if (standing.kind === "nothing") return {};
  if (standing.id === current?.id) return { running: current };
  const running = (await service.parts().releases.list()).find(({ id }) => id === standing.id);
  return running ? { running } : {};
}

export async function releasesOf(service: ManagedService): ReturnType<Operations["releases"]> {
  const { current, good } = service.state();
  const onDisk = await service.parts().releases.list();
  return onDisk.map((release) => ({
    ...release,
    current: release.id === current?.id,
    good: good.includes(release.id),
  }));
}

export function evidenceOf(
  service: ManagedService,
  wanted: string | undefined,
  journal: Journal,
): Awaited<ReturnType<Operations["evidence"]>> {
  const { name } = service;
  const attempt = journal.attempt(name, wanted) ?? begunWith(name, wanted, journal);
  if (attempt) return { attempt, lines: journal.evidence(attempt.id) };
  if (wanted === undefined) throw failure("no-attempt", { service: name });
  throw failure("unknown-attempt", { service: name, attempt: wanted });
}

/** The one attempt whose id begins so; people copy the first digits. */
function begunWith(name: string, wanted: string | undefined, journal: Journal) {
  if (wanted === undefined) return undefined;
  const meant = journal.history(name, 1000).filter(({ id }) => id.startsWith(wanted));
  return meant.length === 1 ? meant[0] : undefined;
}
