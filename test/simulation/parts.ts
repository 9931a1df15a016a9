import type { Wire } from "../../src/agent/wiring.ts";
import type { Milliseconds } from "../../src/domain/duration.ts";
import type { Configuration, ServiceDeclaration } from "../../src/domain/service.ts";
import { script as scriptHook } from "../../src/drivers/hooks/script.ts";
import { script as scriptProbe } from "../../src/drivers/probes/script.ts";
import type { Store } from "../../src/drivers/stores/store.ts";
import { createReleaseStore } from "../../src/releases/create-release-store.ts";
import { releasePlace } from "../../src/releases/layout.ts";
import type { ReleaseStore } from "../../src/releases/release-store.ts";
import { createCoordinator } from "../../src/rollout/create-coordinator.ts";
import type { UpdateJournal } from "../../src/update/ports.ts";
import { rolloutOf } from "../../src/update/rollout-state.ts";
import { personalities } from "../rollout/personalities.ts";
import { type DepotParts, downloadFor, downloadsFor, repositoryFor, unpackFor } from "./depot.ts";
import type { Dice } from "./dice.ts";
import { destination, type Edits, type Host } from "./host.ts";
import type { Life } from "./life.ts";
import { storeThrough } from "./link.ts";
import type { Plan } from "./plan.ts";
import type { HookRun } from "./service.ts";
import type { World } from "./world.ts";

/** The service as a host declares it. */
export function declarationOf({ rollout, service }: Plan, edits: Edits = {}): ServiceDeclaration {
  const block = { driver: "simulated", options: {}, where: "web.hcl:1:1" };
  const hook = (stage: "before" | "after" | "success" | "failure") => ({ ...block, driver: "script", stage });
  const { probe } = service;
  return {
    name: "web",
    where: "web.hcl:1:1",
    artifact: {
      block,
      destination,
      limits: { unpackedSize: 1e9, entries: 1000, depth: 10, ratio: 100 },
    },
    repository: block,
    hooks: [hook("before"), hook("after"), hook("success"), hook("failure")],
    health: probe ? [{ ...block, driver: "script", timeout: 1000, passes: 2, failures: 3, ...probe }] : [],
    checkInterval: edits.checkInterval ?? service.checkInterval,
    bake: edits.bake ?? service.bake,
    updateDeadline: service.updateDeadline,
    keepReleases: service.keepReleases,
    layout: service.layout,
    sequentialUpdates: false,
    rollout: { ...rollout, ...edits.rollout },
  };
}

/** The configuration as it stands on a host's disk. */
export function configurationOf(plan: Plan, { name, edits }: Host): Configuration {
  return {
    file: "/etc/dropship.hcl",
    servicePath: "/etc/dropship.d",
    statePath: "/var/lib/dropship",
    host: name,
    services: edits.takenOut ? [] : [declarationOf(plan, edits)],
  };
}

/** Half of the longest time, and up to all of it. */
export function hookRunTimes({ service }: Plan, _run: HookRun, dice: Dice): Milliseconds {
  return service.hookTakes * (0.5 + 0.5 * dice.fraction());
}

/** The parts of a service: the real ones but for what reaches out of the machine. */
export function wireFor(world: World, host: Host, life: Life): Wire {
  const { plan, faults, observer, depot, trace } = world;
  const dice = host.dice.fork();
  const parts: DepotParts = {
    depot,
    life,
    dice,
    disk: host.disk,
    state: host.diskState,
    fate: () => faults.depot(),
    onCheck() {
      host.lookedAt = world.timeline.now();
    },
  };
  return (service, ports, shared, notify) => {
    const unpack = unpackFor(parts, (path) => observer.diskChanged(host, "unpack", path));
    const hook = (stage: "before" | "after" | "success" | "failure") =>
      scriptHook.create(
        { command: stage, timeout: plan.service.hookTimeout, grace: 5000, user: undefined, env: undefined },
        { ...ports, where: `web.hcl:${stage}` },
      );
    return {
      service,
      hostname: ports.hostname,
      repository: repositoryFor(parts),
      download: downloadFor(parts),
      downloads: downloadsFor(parts),
      releases: observed(createReleaseStore(releasePlace(service), { ...ports, unpack }), world, host),
      hooks: {
        before: [hook("before")],
        after: [hook("after")],
        success: [hook("success")],
        failure: [hook("failure")],
      },
      probes: service.health.map((declaration) => ({
        declaration,
        probe: scriptProbe.create(
          { command: "probe", user: undefined, env: undefined },
          { ...ports, where: "web.hcl:health" },
        ),
      })),
      coordinator: coordinatorOf(world, host, life, service, ports, shared.journal),
      journal: shared.journal,
      clock: ports.clock,
      random: ports.random,
      logger: ports.logger,
      notify(event) {
        if (event.type === "state" || event.type === "waiting") {
          trace.note(host.id, event.type, event.type === "state" ? event.state : event.waiting.why);
        }
        notify(event);
      },
    };
  };
}

function coordinatorOf(
  world: World,
  host: Host,
  life: Life,
  service: ServiceDeclaration,
  { clock, random, logger }: Parameters<Wire>[1],
  journal: UpdateJournal,
) {
  const sound = storeThrough(world.linkOf({ name: host.id, hear: life.hear }, () => host.cut));
  const { broken, probed } = world.plan.store;
  const seen: Store = {
    ...sound,
    swap(key, bytes, version, signal) {
      world.observer.swaps(host, key, bytes);
      return sound.swap(key, bytes, version, signal);
    },
  };
  const store = personalities.find(({ name }) => name === broken)?.of(seen) ?? seen;
  const declaration = service.rollout;
  if (declaration === undefined) throw new Error("every service of these worlds is coordinated");
  const coordinator = createCoordinator({
    store,
    service: service.name,
    host: host.name,
    declaration,
    floor: () => rolloutOf(journal.service(service.name)).floor,
    clock,
    random,
    logger,
  });
  return probed ? coordinator : { ...coordinator, ready: async () => {} };
}

function observed(releases: ReleaseStore, { observer }: World, host: Host): ReleaseStore {
  return {
    ...releases,
    async switchTo(id) {
      observer.switches(host, id);
      await releases.switchTo(id);
    },
  };
}
