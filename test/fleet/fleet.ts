import assert from "node:assert/strict";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Store } from "../../src/drivers/stores/store.ts";
import { spaceOf } from "../../src/rollout/keys.ts";
import { overview, type RolloutOverview } from "../../src/rollout/overview.ts";
import { until } from "../agent/fixture.ts";
import type { Content } from "./artifact-file.ts";
import { createFleetHost, type FleetHost, type HostSettings } from "./fleet-host.ts";
import type { Lines } from "./lines.ts";
import { type Outages, outages, updatesIn } from "./notes.ts";
import { createOperator, type Operator } from "./operator.ts";

/** Where a fleet meets, and where its artifact is. */
export interface FleetStore extends AsyncDisposable {
  /** Undefined where a host needs no line to its store. */
  readonly lines?: Lines;
  /** The blocks of the main file of this host. */
  main(host: number): string;
  /** Everything of the artifact block but its destination and its end. */
  readonly artifact: string;
  /** Uploads a release as its operator would. */
  publish(content: Content): Promise<void>;
  /** As an operator's machine sees it. */
  readonly store: Store;
  /** What may happen to the store itself, by its name; each resolves when it is whole again. */
  readonly strikes: Readonly<Record<string, () => Promise<void>>>;
}

/** "spoils": it is good on so many hosts, and sick on the next. */
export type Quality = "good" | "sick" | "refuses" | { readonly spoils: number };

export interface Fleet extends AsyncDisposable {
  readonly hosts: readonly FleetHost[];
  /** From now on every agent goes by these settings of the rollout. */
  configure(rollout: string): Promise<void>;
  /** A further machine, of any name; its agent is not started. */
  join(name: string, noteName?: string): FleetHost;
  /** `slow`: a service needs so many seconds to come up. */
  publish(quality: Quality, slow?: number): Promise<string>;
  /** Resolves when every service runs this version, and no agent has anything left to do for it. */
  everywhere(version: string): Promise<void>;
  outages(from: number): Outages;
  updates(from: number): number;
  /** The hosts whose service was ever started from this version. */
  touched(version: string): readonly FleetHost[];
  /** With the configuration that the fleet began with. */
  readonly operator: Operator;
  /** What the store knows of the rollout. */
  overview(): Promise<RolloutOverview>;
}

/** For a whole rollout on a machine that does much else. */
export const patience = 150_000;
/** DROPSHIP_TEST_KEEP: a folder in which the notes and logs of every host are left. */
const keptIn = process.env["DROPSHIP_TEST_KEEP"];
/** So many agents start at a time: each takes a second of a processor. */
const startsAtATime = 3;

/** Seconds since 1970: what services note. */
export const now = () => Date.now() / 1000;

export async function startFleet(store: FleetStore, size: number, rollout: string | undefined): Promise<Fleet> {
  let published = 0;
  const notes = mkdtempSync(join(tmpdir(), "dropship-notes-"));
  const settings = (number: number): HostSettings => ({ main: store.main(number), artifact: store.artifact, rollout });
  const make = (name: string, number: number, noteName?: string) =>
    createFleetHost({
      ...settings(number),
      name,
      notes,
      wrapper: store.lines?.wrapper(number) ?? [],
      ...(noteName !== undefined && { noteName }),
    });
  const hosts = Array.from({ length: size }, (_, number) => make(`web-${number + 1}`, number));
  const all = [...hosts];
  for (let at = 0; at < size; at += startsAtATime) {
    await Promise.all(hosts.slice(at, at + startsAtATime).map((host) => host.start()));
  }
  return {
    hosts,
    async configure(next) {
      for (const [number, host] of hosts.entries()) {
        host.configure({ ...settings(number), rollout: next });
        await host.agent?.operations.reload();
      }
    },
    join(name, noteName) {
      const host = make(name, all.length, noteName);
      all.push(host);
      return host;
    },
    async publish(quality, slow) {
      published += 1;
      const version = String(published);
      const pace = slow === undefined ? {} : { slow: slow.toFixed(2) };
      await store.publish({ version, padding: version.repeat(1000), ...pace, ...filesOf(quality) });
      return version;
    },
    everywhere: (version) => everywhere(hosts, version),
    outages: (from) =>
      outages(
        all.map((host) => host.notes()),
        from,
        now(),
      ),
    updates: (from) => hosts.reduce((sum, host) => sum + updatesIn(host.notes(), from), 0),
    touched: (version) => all.filter((host) => host.notes().some((note) => note.version === version)),
    operator: createOperator(store, notes, rollout ?? ""),
    overview: () => overview(store.store, spaceOf("web", "default"), AbortSignal.timeout(30_000)),
    async [Symbol.asyncDispose]() {
      if (keptIn !== undefined) {
        mkdirSync(keptIn, { recursive: true });
        for (const host of all) host.keep(keptIn);
      }
      await Promise.all(all.map((host) => host.clean()));
      rmSync(notes, { recursive: true });
    },
  };
}

function filesOf(quality: Quality): Content {
  if (quality === "sick") return {};
  if (quality === "refuses") return { refuse: "" };
  return quality === "good" ? { healthy: "" } : { healthy: "", spoils: String(quality.spoils) };
}

async function everywhere(hosts: readonly FleetHost[], version: string): Promise<void> {
  const done = async () => {
    if (!hosts.every((host) => host.version() === version && host.isUp())) return false;
    const states = await Promise.all(hosts.map(({ agent }) => agent?.operations.status("web")));
    return states.every((services) => services?.[0]?.state === "idle");
  };
  await until(`version ${version} runs everywhere`, done, patience).catch((thrown) => {
    throw new Error(`${thrown.message}\n${described(hosts)}`, { cause: thrown });
  });
}

/** What a person would look at first. */
function described(hosts: readonly FleetHost[]): string {
  return hosts
    .map((host) => {
      const last = host.notes().at(-1);
      const log = (host.agent?.log() ?? "").trimEnd().split("\n").slice(-6);
      return [`${host.name}: ${last?.what ?? "never up"} ${last?.version ?? ""}`, ...log].join("\n  ");
    })
    .join("\n");
}

/** Fails unless the services themselves saw at most `limit` of them down at a time. */
export function assertLimit(fleet: Fleet, from: number, limit: number): void {
  const { most } = fleet.outages(from);
  assert.ok(most <= limit, `at most ${limit} services were down at a time, not ${most}\n${timeline(fleet, from)}`);
}

/** All that services noted, in the order of time. */
function timeline({ hosts }: Fleet, from: number): string {
  const notes = hosts.flatMap((host) => host.notes().map((note) => ({ ...note, name: host.name })));
  return notes
    .filter(({ at }) => at >= from)
    .toSorted((one, other) => one.at - other.at)
    .map(({ at, name, what, version }) => `${at.toFixed(3)} ${name} ${what} ${version}`)
    .join("\n");
}
