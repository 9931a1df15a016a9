import type { Milliseconds } from "../domain/duration.ts";
import { failure } from "../domain/failures/failure.ts";
import type { Standing } from "../releases/release-store.ts";
import { orAborted } from "../update/or-aborted.ts";
import { recognised, vanished } from "../update/service-state.ts";
import type { ManagedService, ServiceContext } from "./managed-service.ts";

/** A disk that says nothing for so long counts as gone for now. */
const diskPatience: Milliseconds = 30_000;

/** What stands at the destination; fails with "disk-silent" where a dead network disk keeps the answer. */
export async function standingNow(
  service: ManagedService,
  { ports: { clock }, stop }: ServiceContext,
  patience = diskPatience,
): Promise<Standing> {
  const { releases } = service.parts();
  const silent = () => failure("disk-silent", { path: releases.place.destination, after: patience / 1000 });
  using limit = clock.deadline(patience, silent, stop);
  return await orAborted(releases.standing(), limit.signal);
}

/**
 * People and restored backups change what stands at a destination behind the journal's back: the disk is right. A release of
 * ours that stands there counts as what runs; where nothing stands any more, nothing runs. What is not ours is left to the
 * next update, which adopts it. Gives what stands there. The caller holds the turn.
 */
export async function compareWithDisk(service: ManagedService, context: ServiceContext): Promise<Standing> {
  const { journal, ports } = context;
  const { releases } = service.parts();
  const state = service.state();
  const logger = ports.logger.with({ service: service.name });
  const remembered = state.current?.id;
  const standing = await standingNow(service, context);
  if (standing.kind === "foreign") return standing;
  if (standing.kind === "nothing") {
    if (remembered === undefined) return standing;
    journal.remember(vanished(state));
    logger.log("warn", "the destination was taken away", { remembered });
    return standing;
  }
  if (standing.id === remembered) return standing;
  const release = (await releases.list()).find(({ id }) => id === standing.id);
  if (release === undefined) return standing;
  journal.remember(recognised(state, release));
  logger.log("warn", "another release stands at the destination than the journal remembers", {
    found: release.id,
    remembered,
  });
  return standing;
}
