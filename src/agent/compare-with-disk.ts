import { recognised, vanished } from "../update/service-state.ts";
import type { ManagedService, ServiceContext } from "./managed-service.ts";

/**
 * People and restored backups change what stands at a destination behind the journal's back: the disk is right. A release of
 * ours that stands there counts as what runs; where nothing stands any more, nothing runs. What is not ours is left to the
 * next update, which adopts it. The caller holds the turn.
 */
export async function compareWithDisk(service: ManagedService, { journal, ports }: ServiceContext): Promise<void> {
  const { releases } = service.parts();
  const state = service.state();
  const logger = ports.logger.with({ service: service.name });
  const remembered = state.current?.id;
  const standing = await releases.standing();
  if (standing.kind === "foreign") return;
  if (standing.kind === "nothing") {
    if (remembered === undefined) return;
    journal.remember(vanished(state));
    logger.log("warn", "the destination was taken away", { remembered });
    return;
  }
  if (standing.id === remembered) return;
  const release = (await releases.list()).find(({ id }) => id === standing.id);
  if (release === undefined) return;
  journal.remember(recognised(state, release));
  logger.log("warn", "another release stands at the destination than the journal remembers", {
    found: release.id,
    remembered,
  });
}
