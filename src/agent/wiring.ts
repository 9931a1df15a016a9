import { basename, dirname, join } from "node:path";
import type { HookStage, ServiceDeclaration } from "../domain/service.ts";
import { hooks as hookRegistry } from "../drivers/hooks/registry.ts";
import { probes as probeRegistry } from "../drivers/probes/registry.ts";
import { createDownload } from "../drivers/repositories/download.ts";
import { removePartialFile } from "../drivers/repositories/partial-file.ts";
import { repositories } from "../drivers/repositories/registry.ts";
import type { Repository } from "../drivers/repositories/repository.ts";
import { builtAt } from "../platform/built.ts";
import { cryptography } from "../platform/cryptography.ts";
import { type FollowPorts, followRepository } from "../publish/follow/follow-repository.ts";
import { createReleaseStore } from "../releases/create-release-store.ts";
import { releasePlace } from "../releases/layout.ts";
import type { Coordinator } from "../rollout/coordinator.ts";
import { createCoordinator } from "../rollout/create-coordinator.ts";
import type { DownloadPlace, ServicePorts, ServiceProbe, UpdateEvent, UpdateJournal } from "../update/ports.ts";
import { rolloutOf } from "../update/rollout-state.ts";
import type { AgentPorts } from "./agent-ports.ts";
import { ownMarkers } from "./own-markers.ts";
import type { SharedStores } from "./shared-stores.ts";
import type { Turns } from "./turns.ts";

/** What all services of one agent share. */
export interface Shared {
  readonly statePath: string;
  readonly journal: UpdateJournal;
  /** Downloads and unpackings of all services together: a small host is not to do a hundred at once. */
  readonly heavy: Turns;
}

/** How this host meets others. */
export interface Meeting {
  /** Its name among them. */
  readonly host: () => string;
  readonly stores: SharedStores;
}

/** Turns the words of a service's declaration into the objects that its updates are made of. */
export type Wire = (
  service: ServiceDeclaration,
  ports: AgentPorts,
  shared: Shared,
  notify: (event: UpdateEvent) => void,
) => ServicePorts;

/** The real parts. */
export function wireWith(meeting: Meeting): Wire {
  return (service, ports, shared, notify) => wire(service, ports, shared, notify, meeting);
}

function wire(
  service: ServiceDeclaration,
  ports: AgentPorts,
  shared: Shared,
  notify: (event: UpdateEvent) => void,
  meeting: Meeting,
): ServicePorts {
  const logger = ports.logger.with({ service: service.name });
  const own: AgentPorts = { ...ports, logger };
  const fetch = createDownload(own);
  const coordinator = coordinatorOf(service, own, meeting, shared.journal);
  return {
    service,
    hostname: ports.hostname,
    repository: repositoryOf(service, own, {
      memory: memoryIn(shared.journal, service.name),
      fleet: () => coordinator?.seen()?.record.release,
    }),
    download: async (repository, request) => {
      using _turn = await shared.heavy.take(request.signal);
      return await fetch(repository, request);
    },
    downloads: downloadPlace(service, own, shared.statePath),
    releases: createReleaseStore(releasePlace(service), {
      ...own,
      unpack: async (request, signal, onProgress) => {
        using _turn = await shared.heavy.take(signal);
        return await ports.unpack(request, signal, onProgress);
      },
    }),
    hooks: hooksOf(service, own),
    probes: probesOf(service, own),
    ...(coordinator && { coordinator }),
    journal: shared.journal,
    clock: ports.clock,
    random: ports.random,
    logger,
    notify,
    ...(ports.hostLeaves && { hostLeaves: ports.hostLeaves }),
  };
}

function coordinatorOf(
  service: ServiceDeclaration,
  ports: AgentPorts,
  { host, stores }: Meeting,
  journal: UpdateJournal,
): Coordinator | undefined {
  const { rollout: declaration, name } = service;
  if (declaration === undefined) return undefined;
  const { clock, random, logger } = ports;
  const lent = stores.lend(service, ports);
  const floor = () => rolloutOf(journal.service(name)).floor;
  const parts = { store: lent.store, service: name, host: host(), declaration, floor, clock, random, logger };
  const coordinator = createCoordinator(parts);
  return {
    ...coordinator,
    close() {
      coordinator.close();
      lent[Symbol.dispose]();
    },
  };
}

/** Lets go of all that a service's parts hold open. */
export function closeParts({ repository, coordinator }: ServicePorts): void {
  repository.close();
  coordinator?.close();
}

/** What a service is told about what it follows. */
export type Knowledge = Pick<FollowPorts, "memory" | "fleet">;

/** The repository that a service follows. */
export function repositoryOf(service: ServiceDeclaration, ports: AgentPorts, knowledge: Knowledge): Repository {
  const { repository, artifact } = service;
  const definition = known(repositories.find(repository.driver), repositories.unknown(repository.driver));
  const { options } = artifact.block;
  if (artifact.follows === undefined) return ownMarkers(definition.create(repository.options, options, ports));
  const objectAt = (key: string) => definition.create(repository.options, definition.below(options, key), ports);
  const { clock } = ports;
  const parts: FollowPorts = { ...knowledge, objectAt, clock, check: cryptography, built: builtAt };
  return ownMarkers(followRepository(artifact.follows, parts));
}

function memoryIn(journal: UpdateJournal, service: string): FollowPorts["memory"] {
  return {
    read: () => journal.service(service).documents,
    keep: (documents) => journal.remember({ ...journal.service(service), documents }),
  };
}

function hooksOf(service: ServiceDeclaration, ports: AgentPorts): ServicePorts["hooks"] {
  const created = service.hooks.map((declaration) => {
    const definition = known(hookRegistry.find(declaration.driver), hookRegistry.unknown(declaration.driver));
    const hook = definition.create(declaration.options, { ...ports, where: placeOf(declaration) });
    return { stage: declaration.stage, hook };
  });
  const of = (stage: HookStage) => created.filter((one) => one.stage === stage).map(({ hook }) => hook);
  return { before: of("before"), after: of("after"), success: of("success"), failure: of("failure") };
}

function probesOf(service: ServiceDeclaration, ports: AgentPorts): readonly ServiceProbe[] {
  return service.health.map((declaration) => {
    const definition = known(probeRegistry.find(declaration.driver), probeRegistry.unknown(declaration.driver));
    return { declaration, probe: definition.create(declaration.options, { ...ports, where: placeOf(declaration) }) };
  });
}

/** "web.hcl:12:3": enough for a person, and the same on every host. */
function placeOf({ where }: { readonly where: string }): string {
  return basename(where);
}

function downloadPlace(service: ServiceDeclaration, { files }: AgentPorts, statePath: string): DownloadPlace {
  // Two names must never become one, and none may lead out of the folder.
  const file = join(statePath, "downloads", encodeURIComponent(service.name).replace(/^\./, "%2E"));
  return {
    file,
    free: () => files.space(dirname(file)),
    discard: () => removePartialFile(file),
  };
}

/** The configuration was judged when it was loaded: a word without a driver is a defect of ours. */
function known<Definition>(definition: Definition | undefined, problem: string): Definition {
  if (definition === undefined) throw new TypeError(problem);
  return definition;
}
