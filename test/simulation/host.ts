import type { Milliseconds } from "../../src/domain/duration.ts";
import type { RolloutDeclaration } from "../../src/domain/service.ts";
import type { Agent } from "./agent.ts";
import { contentAt, foreign, place } from "./content.ts";
import type { Dice } from "./dice.ts";
import { createDisk, type Disk } from "./disk.ts";
import type { DiskState } from "./files.ts";
import { type MachineClock, machineClock } from "./machine-clock.ts";
import { emptyJournal, type JournalFile } from "./memory-journal.ts";
import type { Plan } from "./plan.ts";
import type { Service } from "./service.ts";
import type { Timeline } from "./timeline.ts";

/** A machine: what outlives the agents on it. */
export interface Host {
  readonly number: number;
  /** Of this machine alone. */
  readonly id: string;
  /** In its fleet; a clone has that of another machine. */
  readonly name: string;
  readonly dice: Dice;
  readonly clock: MachineClock;
  readonly service: Service;
  readonly diskState: DiskState;
  disk: Disk;
  journal: JournalFile;
  edits: Edits;
  agent: Agent | undefined;
  /** Without power. */
  off: boolean;
  /** It never comes back. */
  gone: boolean;
  /** Until when something was in the way of its signs of life. */
  disturbedUntil: number;
  /** Whether it reaches the store. */
  cut: "open" | "silent" | "refused";
  /** Something stood at its destination once. */
  stood: boolean;
  /** So many calls of the next agent until that is killed, too; 0: it is not. */
  doom: number;
  /** When its loop asked the depot last. */
  lookedAt: number;
}

/** What somebody changed in the configuration of one host. */
export interface Edits {
  readonly checkInterval?: Milliseconds;
  readonly bake?: Milliseconds;
  readonly rollout?: Partial<RolloutDeclaration>;
  /** The whole service. */
  readonly takenOut?: boolean;
}

export const destination = "/srv/web";

export interface HostParts {
  readonly number: number;
  readonly id: string;
  readonly name: string;
  readonly dice: Dice;
  readonly timeline: Timeline;
  readonly clocks: Plan["clocks"];
}

/** A machine on which nothing was ever installed. */
export function createHost({ number, id, name, dice, timeline, clocks }: HostParts): Host {
  const rate = 1 + clocks.rate * (2 * dice.fraction() - 1);
  const offset = clocks.offset * (2 * dice.fraction() - 1);
  const { disk, journal } = blank();
  return {
    number,
    id,
    name,
    dice,
    clock: machineClock(timeline, rate, offset, clocks.right),
    service: { runs: undefined, since: 0, sick: false },
    diskState: { full: false, slow: 0, fails: () => false },
    disk,
    journal,
    edits: {},
    agent: undefined,
    off: false,
    gone: false,
    disturbedUntil: 0,
    cut: "open",
    stood: false,
    doom: 0,
    lookedAt: 0,
  };
}

function blank(): Pick<Host, "disk" | "journal"> {
  const disk = createDisk();
  place(disk, "/srv/other", foreign);
  place(disk, "/var/lib/dropship/downloads/other", foreign);
  return { disk, journal: emptyJournal() };
}

/** Takes the machine back to its first day, with what somebody put at the destination by hand, if anything. */
export function reinstall(host: Host, before: "foreign" | "nothing", now: number): void {
  Object.assign(host, blank());
  if (before === "foreign") place(host.disk, destination, foreign);
  host.service.runs = before === "foreign" ? foreign : undefined;
  host.service.since = now;
  host.stood = before === "foreign";
}

/** The content that stands at the destination, if it is whole. */
export function standing({ disk }: Host): string | undefined {
  return contentAt(disk, destination);
}

/** Starts the service from what stands at its destination, as the machine does when it boots. */
export function startService(host: Host, now: number): void {
  host.service.runs = standing(host);
  host.service.since = now;
}
