import { failure } from "../domain/failures/failure.ts";
import type { Release } from "../domain/release.ts";
import { rollbackTarget } from "../update/next-move.ts";
import { pinned, unpinned } from "../update/service-state.ts";
import { compareWithDisk } from "./compare-with-disk.ts";
import { inTurn, type ManagedService, type ServiceContext } from "./managed-service.ts";
import type { Attempt, OnEvent } from "./operations.ts";
import { updateAloud } from "./service-loop.ts";

/**
 * Goes to a release that is on disk: the one named, or the last good one before the current. An update that has touched
 * nothing yet makes way; one that is switching is not disturbed ("service-busy").
 */
export async function goBack(
  service: ManagedService,
  wanted: string | undefined,
  context: ServiceContext,
  onEvent: OnEvent,
): Promise<Attempt> {
  service.makeWay();
  return await inTurn(service, onEvent, async () => {
    await compareWithDisk(service, context);
    const target = await targetOf(service, wanted);
    const attempt = await updateAloud(service, context, { intent: "activate", target, leaves: true });
    // A pin holds what the operator wants, and that is another release now.
    const state = service.state();
    if (attempt.outcome === "updated" && state.pinned !== undefined) context.journal.remember(pinned(state, target.id));
    return attempt;
  });
}

/** Holds the service on a release, going there first where needed; undefined when it runs already. */
export async function holdOn(
  service: ManagedService,
  wanted: string | undefined,
  context: ServiceContext,
  onEvent: OnEvent,
): Promise<Attempt | undefined> {
  service.makeWay();
  return await inTurn(service, onEvent, () => pinTo(service, wanted, context));
}

async function pinTo(
  service: ManagedService,
  wanted: string | undefined,
  context: ServiceContext,
): Promise<Attempt | undefined> {
  await compareWithDisk(service, context);
  const before = service.state();
  const target = wanted === undefined ? before.current : await targetOf(service, wanted);
  if (target === undefined) throw failure("nothing-to-pin", { service: service.name });
  // First, so that a crash on the way does not let the next check take the service elsewhere.
  context.journal.remember(pinned(service.state(), target.id));
  if (target.id === before.current?.id) return undefined;
  const attempt = await updateAloud(service, context, { intent: "activate", target });
  if (attempt.outcome !== "updated") {
    const now = service.state();
    context.journal.remember(before.pinned === undefined ? unpinned(now) : pinned(now, before.pinned));
  }
  return attempt;
}

async function targetOf(service: ManagedService, wanted: string | undefined): Promise<Release> {
  const onDisk = await service.parts().releases.list();
  if (wanted !== undefined) return releaseMeant(service.name, wanted, onDisk);
  const target = rollbackTarget(service.state(), onDisk);
  if (target === undefined) throw failure("no-earlier-release", { service: service.name });
  return target;
}

/** The release on disk that a person means by its id, version, or the beginning of its id or digest. */
function releaseMeant(service: string, wanted: string, onDisk: readonly Release[]): Release {
  const exact = onDisk.find(({ id, digest, version }) => wanted === id || wanted === digest || wanted === version);
  if (exact) return exact;
  const begun = onDisk.filter(({ id, digest }) => id.startsWith(wanted) || digest.startsWith(wanted));
  const [only, second] = begun;
  if (only === undefined) throw failure("unknown-release", { service, release: wanted });
  if (second === undefined) return only;
  const candidates = begun.map(({ id }) => id).join(", ");
  throw failure("ambiguous-release", { service, release: wanted, candidates });
}
