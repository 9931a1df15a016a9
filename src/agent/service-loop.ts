import { blamesPublisher } from "../domain/blame.ts";
import { formatDuration, type Milliseconds } from "../domain/duration.ts";
import { asFailure, type Failure, type FailureCode } from "../domain/failures/failure.ts";
import type { Marker } from "../domain/release.ts";
import { AskedToWait } from "../domain/retry.ts";
import { backoffDelay, firstDelay, nextDelay } from "../domain/schedule.ts";
import type { UpdateOrder } from "../update/perform-update.ts";
import { type CheckNews, checkNews } from "./check-news.ts";
import { compareWithDisk } from "./compare-with-disk.ts";
import { acquaint, type Look, type ManagedService, type Move, type ServiceContext } from "./managed-service.ts";
import type { Attempt, CheckReport } from "./operations.ts";

/** A store that asks for more patience than this is asked again all the same. */
const longestAskedWait: Milliseconds = 3_600_000;

/** Others wait for what this host has to say: it is tried again sooner than a check that concerns nobody else. */
const longestFleetWait: Milliseconds = 30_000;
const ofFleet: ReadonlySet<FailureCode> = new Set([
  "outcome-owed",
  "record-vanished",
  "rollout-store-unanswered",
  "rollout-store-busy",
]);

/** So often one round follows an upload that changes while it is taken. */
const looksInARow = 3;

/** The endless look-and-update of one service. */
export interface ServiceLoop {
  /** When the next check is due; milliseconds since 1970; undefined while one runs. */
  readonly nextCheck: number | undefined;
  /** Counts from now on with the declaration as it is now. */
  restart(): void;
  /** Resolves when the loop ended: the agent stops, or the service was removed. */
  readonly ended: Promise<void>;
  end(): void;
}

/** Looks after one service until the agent stops. Never rejects: what fails is said, and tried again later. */
export function startLoop(service: ManagedService, context: ServiceContext): ServiceLoop {
  const { clock, random, logger } = context.ports;
  const ending = new AbortController();
  const stop = AbortSignal.any([context.stop, ending.signal]);
  const said = checkNews(logger.with({ service: service.name }), clock);
  let wake = new AbortController();
  let nextCheck: number | undefined;
  let failures = 0;

  const rest = async (delay: Milliseconds) => {
    wake = new AbortController();
    nextCheck = clock.wall() + delay;
    await clock.sleep(delay, AbortSignal.any([stop, wake.signal])).catch(() => undefined);
    nextCheck = undefined;
  };
  const delayAfter = (met: Failure | undefined): Milliseconds => {
    const { checkInterval: interval } = service.declaration();
    // The store works and has its answer ready: no reason to see a first upload, or a mended document, late.
    if (met === undefined || blamesPublisher(met.code)) {
      failures = 0;
      return nextDelay(interval, random.fraction());
    }
    failures += 1;
    const { passing } = met;
    const wait = backoffDelay({ interval, failures, passing, fraction: random.fraction() });
    return Math.max(ofFleet.has(met.code) ? Math.min(wait, longestFleetWait) : wait, askedWait(met));
  };
  const look = async () => {
    service.fleet.keepOn();
    await rest(firstDelay(service.declaration().checkInterval, random.fraction()));
    while (!stop.aborted) {
      const met = await round(service, context, said, stop);
      if (!stop.aborted) await rest(delayAfter(met));
    }
  };
  return {
    get nextCheck() {
      return nextCheck;
    },
    restart: () => wake.abort(),
    ended: look(),
    end: () => ending.abort(),
  };
}

/** One check and what follows from it; the failure of the check, if it failed. */
async function round(
  service: ManagedService,
  context: ServiceContext,
  said: CheckNews,
  stop: AbortSignal,
): Promise<Failure | undefined> {
  try {
    using _turn = await service.takeTurn(stop);
    // A newer upload is taken at once; one that changes all the time waits for the next check.
    for (let looks = 0; looks < looksInARow && !stop.aborted; looks += 1) {
      const { move } = await lookWell(service, context, { asked: false, foreign: said.foreign });
      if (move.move === "acquaint") acquaint(service, context.journal, move.marker);
      const order = orderOf(move);
      const attempt = order && (await updateAloud(service, context, order));
      // Only now: a journal that cannot be written fails every update before it begins, after a check that worked.
      said.answered(move);
      if (attempt?.outcome !== "superseded") return undefined;
    }
    return undefined;
  } catch (thrown) {
    const met = asFailure(thrown);
    if (stop.aborted || met.code === "service-removed") return undefined;
    said.failed(met);
    return met;
  }
}

/**
 * Looks at the destination and at the repository: each of them may have changed behind our back. `foreign` is told what stands
 * at the destination that is not ours. The caller holds the turn.
 */
export async function lookWell(
  service: ManagedService,
  context: ServiceContext,
  { asked, foreign }: { readonly asked: boolean; readonly foreign?: CheckNews["foreign"] },
): Promise<Look> {
  try {
    const standing = await compareWithDisk(service, context);
    // Before the first update it is what that update is going to adopt.
    foreign?.(standing.kind === "foreign" && service.state().current ? standing.what : undefined);
  } catch (thrown) {
    throw service.failedCheck(thrown);
  }
  const duties = service.fleet.duties();
  await duties?.attend(context.stop).catch((thrown) => {
    throw service.failedCheck(thrown);
  });
  const look = await service.look(asked);
  if (look.move.move === "update" || service.waitLeft() > 0) return look;
  const order = await duties?.wayBack();
  return order ? { ...look, move: { move: "go-back", order } } : look;
}

/** What is to be done; undefined when nothing is. */
export function orderOf(move: Move): UpdateOrder | undefined {
  if (move.move === "go-back") return move.order;
  return move.move === "update" ? { intent: "update", marker: move.marker } : undefined;
}

/** Carries out an update and says how it began and ended. The caller holds the turn. */
export async function updateAloud(
  service: ManagedService,
  { ports }: ServiceContext,
  order: Parameters<ManagedService["perform"]>[0],
): Promise<Attempt> {
  const logger = ports.logger.with({ service: service.name });
  logger.log("info", "an update begins", {
    intent: order.intent,
    from: service.state().current?.id,
    to: order.intent === "activate" ? order.target.id : nameOf(order.marker),
  });
  const attempt = await service.perform(order);
  sayOutcome(attempt, service, ports);
  return attempt;
}

function nameOf({ published, version, etag }: Marker): string | undefined {
  return published?.version ?? version ?? etag;
}

const levels = {
  updated: "info",
  unchanged: "info",
  superseded: "info",
  postponed: "info",
  aborted: "warn",
  "rolled-back": "error",
  withdrawn: "error",
  broken: "error",
} as const satisfies Record<Attempt["outcome"], string>;

/** One line that tells an operator how an update ended. */
export function sayOutcome(attempt: Attempt, service: ManagedService, { logger }: ServiceContext["ports"]): void {
  const { outcome, id, target, previous, failure: met, downtime, startedAt, endedAt } = attempt;
  logger.log(levels[outcome], "an update ended", {
    service: service.name,
    outcome,
    attempt: id,
    release: target?.id,
    previous: previous?.id,
    running: service.state().current?.id,
    took: formatDuration(Math.max(0, endedAt - startedAt)),
    downtime: downtime === undefined ? undefined : formatDuration(downtime),
    code: met?.code,
    problem: met?.sentence,
    remedy: met?.remedy,
  });
}

/** What a check came to, in the words of `dropship check`. */
export function reportOf(service: ManagedService, look: Look): CheckReport {
  const { move, marker } = look;
  const running = service.state().current;
  const common = { service: service.name, ...(marker && { marker }), ...(running && { running }) };
  if (move.move === "nothing" || move.move === "acquaint") return { ...common, outcome: "up-to-date" };
  if (move.move === "update" || move.move === "go-back") return { ...common, outcome: "update-available" };
  const reason = move.reason ? { reason: move.reason } : {};
  if (move.why === "paused" || move.why === "pinned") return { ...common, ...reason, outcome: move.why };
  return { ...common, ...reason, outcome: move.why === "backing-off" ? "update-available" : "refused" };
}

function askedWait(met: Failure): Milliseconds {
  return met.cause instanceof AskedToWait ? Math.min(met.cause.wait, longestAskedWait) : 0;
}
