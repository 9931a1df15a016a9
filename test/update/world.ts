import { type Marker, type Release, releaseId } from "../../src/domain/release.ts";
import type { HookStage, ServiceDeclaration } from "../../src/domain/service.ts";
import type { Hook, HookContext, HookResult } from "../../src/drivers/hooks/hook.ts";
import type { Standing } from "../../src/releases/release-store.ts";
import type { UpdateEvent, UpdatePorts } from "../../src/update/ports.ts";
import type { UpdateRecord } from "../../src/update/record.ts";
import { blankState, type ServiceState } from "../../src/update/service-state.ts";
import type { StateName } from "../../src/update/states.ts";
import { agentOf } from "./mortal-agent.ts";
import { type SimulatedClock, simulatedClock } from "./simulated-clock.ts";
import type { Fleet } from "./world-fleet.ts";

/**
 * A whole host in memory: a disk, a service, a repository and a journal, all of which outlive the agent; and agents, which
 * a crash ends at any point. The machine and the steps are the real ones.
 */
export interface World {
  readonly clock: SimulatedClock;
  service: ServiceDeclaration;
  readonly disk: {
    readonly releases: Map<string, Release>;
    destination: Standing;
    download: { readonly marker: Marker; readonly digest: string } | undefined;
    freeBytes: number;
  };
  /** The digest of what the running service was started from; undefined: it is down. */
  running: string | undefined;
  /** What the repository offers. */
  object: { marker: Marker; digest: string };
  /** Digests that never become healthy. */
  readonly bad: Set<string>;
  readonly journal: {
    state: ServiceState;
    update: UpdateRecord | undefined;
    readonly history: UpdateRecord[];
    fails: boolean;
  };
  /** The fleet that this host goes with; undefined: it updates on its own. */
  fleet: Fleet | undefined;
  /** Overrules what a call does; called at its moment with its name: "hook before 0", "stage", "switchTo", … */
  onCall: (name: string, state: StateName) => unknown;
  /** Called as a state is entered, before its step begins. */
  onState: (state: StateName) => void;
  /** Whether the agent dies here. */
  crashes: (point: string) => boolean;
  readonly hooks: Record<HookStage, Hook[]>;
  probes: UpdatePorts["probes"];
  /** The host is shutting down. */
  leaves: boolean;
  /** Every point at which the agent could have died, in order. */
  readonly points: string[];
  /** "state outcome" of every step that ended, and "state condemned". */
  readonly arrows: Set<string>;
  /** "stage/where/release" of every hook that ran. */
  readonly hookRuns: string[];
  readonly events: UpdateEvent[];
  readonly logged: string[];
}

export const foreignDigest = "f".repeat(64);
export const digestOf = (letter: string) => letter.repeat(64);
export const markerOf = (letter: string): Marker => ({ etag: `"${letter}"`, size: 1000 });
export const releaseOf = (letter: string, stagedAt = 1): Release => ({
  id: releaseId(digestOf(letter)),
  digest: digestOf(letter),
  size: 1000,
  marker: markerOf(letter),
  stagedAt,
});

function declared(change: Partial<ServiceDeclaration> = {}): ServiceDeclaration {
  const block = { driver: "simulated", options: {}, where: "web.hcl:1:1" };
  const limits = { unpackedSize: 1e9, entries: 1000, depth: 10, ratio: 100 };
  return {
    name: "web",
    where: "web.hcl:1:1",
    artifact: { block, destination: "/srv/web", limits },
    repository: block,
    hooks: [],
    health: [],
    checkInterval: 10_000,
    bake: 4000,
    updateDeadline: 600_000,
    keepReleases: 3,
    layout: "symlink",
    sequentialUpdates: false,
    ...change,
  };
}

/** A world in which "b" is on offer and "a" (or something foreign, or nothing) is what runs. */
export function world(before: "release" | "foreign" | "nothing" = "release"): World {
  const a = releaseOf("a");
  const here = before === "release";
  const made: World = {
    clock: simulatedClock(),
    service: declared(),
    disk: {
      releases: new Map(here ? [[a.id, a]] : []),
      destination: standingAtFirst(before, a),
      download: undefined,
      freeBytes: 1e12,
    },
    running: here ? a.digest : before === "foreign" ? foreignDigest : undefined,
    object: { marker: markerOf("b"), digest: digestOf("b") },
    bad: new Set(),
    journal: {
      state: here
        ? { ...blankState("web"), current: a, good: [a.id], seen: { marker: markerOf("a"), digest: a.digest } }
        : blankState("web"),
      update: undefined,
      history: [],
      fails: false,
    },
    fleet: undefined,
    onCall: () => undefined,
    onState: () => {},
    crashes: () => false,
    hooks: { before: [], after: [], success: [], failure: [] },
    probes: [],
    leaves: false,
    points: [],
    arrows: new Set(),
    hookRuns: [],
    events: [],
    logged: [],
  };
  made.hooks.before.push(scriptHook(made, "before", 0, () => stopService(made)));
  made.hooks.after.push(scriptHook(made, "after", 0, () => startService(made)));
  made.hooks.success.push(scriptHook(made, "success", 0, () => {}));
  made.hooks.failure.push(scriptHook(made, "failure", 0, () => {}));
  made.probes = [httpProbe(made)];
  return made;
}

function standingAtFirst(before: "release" | "foreign" | "nothing", { id }: Release): Standing {
  if (before === "release") return { kind: "release", id };
  return before === "foreign" ? { kind: "foreign", what: "folder" } : { kind: "nothing" };
}

function stopService(world: World): void {
  world.running = undefined;
}

function startService(world: World): void {
  world.running = contentAt(world);
}

/** The digest of what stands at the destination. */
export function contentAt({ disk }: World): string | undefined {
  const { destination } = disk;
  if (destination.kind === "foreign") return foreignDigest;
  if (destination.kind === "nothing") return undefined;
  return disk.releases.get(destination.id)?.digest;
}

/** A hook that takes a second; `onCall` may make it fail, hang or wait. */
function scriptHook(world: World, stage: HookStage, place: number, act: () => void, decides = true): Hook {
  return {
    label: `${stage} ${place}`,
    decides,
    async run(context: HookContext): Promise<HookResult> {
      world.hookRuns.push(`${context.stage} ${context.environment["DROPSHIP_RELEASE"]}`);
      const overruled = await agentOf(world).call(`hook ${stage} ${place}`, async () => {
        await world.clock.sleep(1000, context.signal).catch(() => {});
        if (!context.signal.aborted) act();
      });
      if (context.signal.aborted) return { outcome: "failed", duration: 1, output: "cut" };
      return { outcome: "done", output: `${stage} done`, duration: 1000, ...(overruled as object) };
    },
  };
}

/** Asks every second; twice in a row is healthy, three failures in a row are not. */
function httpProbe(world: World): UpdatePorts["probes"][number] {
  const block = { driver: "http", options: {}, where: "web.hcl:9:3" };
  return {
    declaration: { ...block, interval: 1000, timeout: 500, deadline: 10_000, passes: 2, failures: 3 },
    probe: {
      label: "health http (web.hcl:9:3)",
      async check() {
        await agentOf(world).call("probe", () => {});
        const healthy = world.running !== undefined && !world.bad.has(world.running);
        return { healthy, detail: healthy ? "200 OK" : `no answer from ${world.running?.slice(0, 1)}` };
      },
    },
  };
}
