import { failure } from "../../src/domain/failures/failure.ts";
import { sameMarker } from "../../src/domain/release.ts";
import type { ReleaseStore } from "../../src/releases/release-store.ts";
import type { ServicePorts, UpdateJournal } from "../../src/update/ports.ts";
import type { UpdateRecord } from "../../src/update/record.ts";
import type { ServiceState } from "../../src/update/service-state.ts";
import { type Agent, dies, never } from "./mortal-agent.ts";
import { foreignDigest, type World } from "./world.ts";
import { coordinatorOf } from "./world-fleet.ts";

function journalOf(world: World, agent: Agent): UpdateJournal {
  const { journal } = world;
  return {
    service: () => journal.state,
    attempt: (_, id) => journal.history.find((update) => update.id === id),
    write(update, service) {
      const point = `${journal.update?.state ?? "idle"} | journal ${update.state} | `;
      if (agent.dead || dies(world, agent, `${point}before`)) throw new Error("the agent is dead");
      if (journal.fails) throw failure("journal-unwritable", { path: "/journal", reason: "no space" });
      const copy = JSON.parse(JSON.stringify(update)) as UpdateRecord;
      if (service) journal.state = JSON.parse(JSON.stringify(service)) as ServiceState;
      journal.update = copy.state === "idle" ? undefined : copy;
      if (copy.state === "idle") journal.history.push(copy);
      if (dies(world, agent, `${point}after`)) throw new Error("the agent is dead");
    },
    remember(service) {
      journal.state = JSON.parse(JSON.stringify(service)) as ServiceState;
    },
  };
}

function storeOf(world: World, agent: Agent): ReleaseStore {
  const { disk } = world;
  const stand = (id: string) => {
    if (!disk.releases.has(id)) throw failure("release-missing", { id, releases: "/srv/.dropship/web" });
    disk.destination = { kind: "release", id };
  };
  const call = <Result>(name: string, act: () => Result | Promise<Result>) => agent.call(name, act) as Promise<Result>;
  return {
    place: { service: "web", destination: "/srv/web", releases: "/srv/.dropship/web", layout: "symlink" },
    standing: () => call("standing", () => disk.destination),
    list: async () => [...disk.releases.values()],
    has: async (id) => disk.releases.has(id),
    isReady: async (id) => disk.releases.has(id),
    freeSpace: async () => disk.freeBytes,
    freeInodes: async () => Number.POSITIVE_INFINITY,
    stage: ({ release, signal }) =>
      call("stage", async () => {
        signal.throwIfAborted();
        if (disk.download?.digest !== release.digest) throw new Error("the download is not there");
        await world.clock.sleep(2000, signal);
        disk.releases.set(release.id, release);
      }),
    adopt: (id) =>
      call("adopt", () => {
        if (disk.destination.kind === "foreign") {
          disk.releases.set(id, { id, digest: foreignDigest, size: 5, stagedAt: world.clock.wall() });
          stand(id);
        }
        const { destination } = disk;
        const adopted = destination.kind === "release" ? disk.releases.get(destination.id) : undefined;
        if (adopted === undefined) throw failure("nothing-to-adopt", { destination: "/srv/web" });
        return adopted;
      }),
    switchTo: (id) => call("switchTo", () => stand(id)),
    withdraw: () =>
      call("withdraw", () => {
        disk.destination = { kind: "nothing" };
      }),
    remove: (id) =>
      call("remove", () => {
        if (disk.destination.kind === "release" && disk.destination.id === id) {
          throw failure("release-in-use", { id, destination: "/srv/web" });
        }
        disk.releases.delete(id);
      }),
    sweep: () => call("sweep", () => {}),
  };
}

/** What the real steps are given in this world. */
export function portsOf(world: World, agent: Agent): ServicePorts {
  const { clock, disk } = world;
  const logger: ServicePorts["logger"] = {
    log(level, event, fields) {
      if (agent.dead) return;
      world.logged.push(`${level} ${event} ${JSON.stringify(fields ?? {})}`);
      if (event === "a state of the update ended") world.arrows.add(`${fields?.["state"]} ${fields?.["outcome"]}`);
      if (event.startsWith("the update is given up")) world.arrows.add(`${fields?.["state"]} condemned`);
    },
    with: () => logger,
  };
  const mortal: ServicePorts["clock"] = {
    ...clock,
    sleep: (duration, signal) => (agent.dead ? never() : clock.sleep(duration, signal)),
  };
  return {
    service: world.service,
    hostname: "host1",
    repository: {
      artifact: "simulated://web",
      check: async (known) => {
        await agent.call("check", () => {});
        const { marker } = world.object;
        return sameMarker(known, marker) ? { outcome: "unchanged" } : { outcome: "found", marker };
      },
      open: () => Promise.reject(new Error("The download is simulated as a whole.")),
      close() {},
    },
    download: async (_, { marker, signal, onProgress }) => {
      await agent.call("download", async () => {
        await clock.sleep(5000, signal);
        if (!sameMarker(marker, world.object.marker)) throw failure("artifact-changed", { artifact: "web" });
        disk.download = { marker, digest: world.object.digest };
        onProgress(1000, 1000);
      });
      return { digest: disk.download?.digest ?? "", size: 1000, marker };
    },
    downloads: {
      file: "/var/lib/dropship/downloads/web",
      free: async () => ({ bytes: disk.freeBytes }),
      discard: async () => {
        await agent.call("discard", () => {
          disk.download = undefined;
        });
      },
    },
    releases: storeOf(world, agent),
    hooks: world.hooks,
    probes: world.probes,
    hostLeaves: async () => world.leaves,
    ...(world.fleet && { coordinator: coordinatorOf(world, agent, world.fleet) }),
    journal: journalOf(world, agent),
    clock: mortal,
    random: { fraction: () => 0.5, name: () => `${world.journal.history.length}123456789abcdef0123456789abcdef` },
    logger,
    notify(event) {
      if (event.type === "state") {
        agent.state = event.state;
        world.onState(event.state);
      }
      world.events.push(event);
    },
  };
}
