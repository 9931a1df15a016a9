import type { Milliseconds } from "../domain/duration.ts";
import { failure } from "../domain/failures/failure.ts";
import { encodeReport } from "../domain/rollout/report-text.ts";
import type { RolloutDeclaration } from "../domain/service.ts";
import type { Store } from "../drivers/stores/store.ts";
import type { Clock, Logger, Random } from "../platform/ports.ts";
import { acquireSlot } from "./acquire-slot.ts";
import { beatEvery, startBeating } from "./beat.ts";
import { probeStore, requireFit } from "./capability.ts";
import type { Coordinator } from "./coordinator.ts";
import type { Fleet } from "./fleet.ts";
import { fenceSlot, finishSlot, tellPresent } from "./hold-slot.ts";
import { encodeName, type Space, spaceOf } from "./keys.ts";
import { createBeatObserver } from "./observe-beats.ts";
import { createRecordReader } from "./record-reader.ts";

/** What a host needs to meet the others of its service. */
export interface CoordinatorParts {
  readonly store: Store;
  readonly service: string;
  /** This host's name in the record. */
  readonly host: string;
  readonly declaration: RolloutDeclaration;
  /** The highest number of the record that this host remembers, for ever; 0 when it never saw one. */
  readonly floor: () => number;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

const probeDeadline: Milliseconds = 60_000;

/**
 * One service's way to the others of its fleet. Requests of an update without quarrel: acquire 1 read (and 1 each time that it
 * is woken while it waits) and 1 write, fence 1 write, finish 1 write, a beat each 30 s in between; each write that another
 * host was faster than costs 1 read and 1 write more. The host that starts the rollout reads all reports besides.
 */
export function createCoordinator(parts: CoordinatorParts): Coordinator {
  const { store, service, host, declaration, floor, clock, random, logger } = parts;
  const space = spaceOf(service, declaration.group);
  const reader = createRecordReader({ store, key: space.record, clock, random }, floor);
  const observer = createBeatObserver({ store, space, clock });
  const fleet: Fleet = { reader, space, service, host, declaration, observer, logger };
  const closed = new AbortController();
  const beatParts = { store, key: `${space.beats}${encodeName(host)}`, host, clock, logger };
  return {
    host,
    place: store.place,
    safety: store.safety,
    seen: reader.seen,
    ready: (signal) => ready(parts, space, signal),
    acquire: (request, signal, onWaiting) => acquireSlot(fleet, request, signal, onWaiting),
    fence: (slot, signal) => fenceSlot(fleet, slot, signal),
    finish: (report, signal) => finishSlot(fleet, report, signal),
    beat: (attempt) =>
      startBeating({ ...beatParts, every: beatEvery(declaration.lostAfter), until: closed.signal }, attempt),
    look: async (signal) => (await reader.read(signal)).record,
    async report(report, signal) {
      await store.put(`${space.reports}${encodeName(host)}`, encodeReport(report), signal);
      await tellPresent(fleet, report, signal);
    },
    close: () => closed.abort(new Error("the coordinator is closed")),
  };
}

/** Stores that kept their promises. One store serves all services of a process, and is tried once. */
const proven = new WeakSet<Store>();

async function ready({ store, clock, random }: CoordinatorParts, space: Space, signal: AbortSignal): Promise<void> {
  if (proven.has(store)) return;
  const late = () =>
    failure("rollout-store-unanswered", {
      place: store.place,
      doing: "prove its promises",
      problem: "it took over 60 s",
    });
  using limit = clock.deadline(probeDeadline, late, signal);
  requireFit(store.place, await probeStore(store, space, random, limit.signal));
  proven.add(store);
}
