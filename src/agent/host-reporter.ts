import type { Milliseconds } from "../domain/duration.ts";
import { asFailure, failure } from "../domain/failures/failure.ts";
import type { HostReport } from "../domain/rollout/report.ts";
import type { Clock, Logger, Random } from "../platform/ports.ts";
import { untilAborted } from "../platform/until-aborted.ts";
import type { Coordinator } from "../rollout/coordinator.ts";
import { orAborted } from "../update/or-aborted.ts";

/** A sign of life comes so often at least. */
export const reportEvery: Milliseconds = 5 * 60_000;
/** An update passes through many states: at most one report each. */
const gap: Milliseconds = 2_000;
const patience: Milliseconds = 15_000;
/** After a failure: the others look at the record, not at this. */
const failureGap: Milliseconds = 30_000;
/** How long a process that ends waits for its last report. */
const lastMoment: Milliseconds = 3_000;

/** Tells the fleet how a service fares; in the background, so that no update waits for it. */
export interface HostReporter {
  /** Something changed. */
  changed(): void;
  /** From now on it also gives signs of life. */
  keepOn(): void;
  /** Resolves when the last change is told, or cannot be told in time. */
  settled(): Promise<void>;
  end(): void;
}

export interface ReporterPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  /** Whom to tell; undefined while hosts are not coordinated. */
  readonly coordinator: () => Coordinator | undefined;
  /** How it fares now. */
  readonly facts: (coordinator: Coordinator) => HostReport;
}

export function hostReporter(ports: ReporterPorts): HostReporter {
  const { clock, random } = ports;
  const ended = new AbortController();
  let wake = new AbortController();
  let running = false;
  let periodic = false;
  /** A change that nobody was told of yet, and the one that is being told. */
  let unsaid: PromiseWithResolvers<void> | undefined;
  let telling: PromiseWithResolvers<void> | undefined;

  const rest = async () => {
    wake = new AbortController();
    const signal = AbortSignal.any([wake.signal, ended.signal]);
    const every = reportEvery * (0.9 + 0.1 * random.fraction());
    await (periodic ? clock.sleep(every, signal).catch(() => undefined) : untilAborted(signal));
  };
  const run = async () => {
    while (!ended.signal.aborted) {
      if (unsaid === undefined) await rest();
      if (ended.signal.aborted) return;
      telling = unsaid;
      unsaid = undefined;
      const sent = await send(ports, ended.signal);
      telling?.resolve();
      telling = undefined;
      if (!sent) unsaid ??= Promise.withResolvers();
      await clock.sleep(sent ? gap : failureGap, ended.signal).catch(() => undefined);
    }
  };
  const change = () => {
    unsaid ??= Promise.withResolvers();
    if (!running) void run();
    running = true;
    wake.abort();
  };
  return {
    changed() {
      if (ports.coordinator() !== undefined) change();
    },
    keepOn() {
      periodic = true;
      change();
    },
    async settled() {
      const open = unsaid ?? telling;
      if (open === undefined) return;
      const moment = new AbortController();
      await Promise.race([open.promise, clock.sleep(lastMoment, moment.signal).catch(() => undefined)]);
      moment.abort();
    },
    end: () => ended.abort(),
  };
}

/** Whether it was told, or there is nobody to tell. */
async function send({ clock, logger, coordinator, facts }: ReporterPorts, ended: AbortSignal): Promise<boolean> {
  const fleet = coordinator();
  if (fleet === undefined) return true;
  const late = () =>
    failure("rollout-store-unanswered", { place: fleet.place, doing: "take a report", problem: "no answer in time" });
  using limit = clock.deadline(patience, late, ended);
  try {
    await orAborted(fleet.report(facts(fleet), limit.signal), limit.signal);
    return true;
  } catch (thrown) {
    const met = asFailure(thrown);
    if (!ended.aborted) logger.log("debug", "a report was not taken", { code: met.code, problem: met.message });
    return false;
  }
}
