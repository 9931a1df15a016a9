import { formatDuration, type Milliseconds } from "../domain/duration.ts";
import { exitCodes } from "../domain/failures/entry.ts";
import { asFailure, failure } from "../domain/failures/failure.ts";
import type { Configuration } from "../domain/service.ts";
import { statusLine } from "../domain/status-line.ts";
import type { Supervisor } from "../platform/supervisor.ts";
import { untilAborted } from "../platform/until-aborted.ts";
import type { AgentPorts } from "./agent-ports.ts";
import { type ControlServer, serveControl } from "./control/server.ts";
import { localOperations } from "./local-operations.ts";
import type { ManagedServices } from "./managed-services.ts";
import type { Attempt, CheckReport } from "./operations.ts";
import { listenToSignals } from "./signals.ts";
import { createTurns } from "./turns.ts";
import { openWorkplace, updateAll, type Workplace } from "./workplace.ts";

/** After this the agent ends whatever is still under way; below the 90 s after which systemd kills. */
const stopLimit: Milliseconds = 80_000;
/** For the last answers on the control socket. */
const lastAnswers: Milliseconds = 1_000;

export interface AgentOptions {
  readonly configuration: Configuration;
  readonly ports: AgentPorts;
  /** Reads the configuration again; fails with a failure that names every error. */
  readonly load: () => Promise<Configuration>;
  /** One look at every service, then the end. */
  readonly once?: boolean;
  /** Told what the agent is doing, for as long as it runs. */
  readonly supervisor?: Supervisor;
}

/**
 * Runs until SIGTERM or SIGINT, or with `once` until every service was looked at; resolves with the exit code. What could
 * not be ended in time is left to the journal: the caller ends the process.
 */
export async function runAgent(options: AgentOptions): Promise<number> {
  const { ports } = options;
  const { logger } = ports;
  const stop = new AbortController();
  const crashed = Promise.withResolvers<number>();
  let workplace: Workplace | undefined;
  let reloadWaits = false;
  using _signals = listenToSignals({
    stop(signal) {
      logger.log("info", "the agent stops", { signal });
      options.supervisor?.stopping();
      stop.abort(failure("agent-stopping", {}));
    },
    reload() {
      // One that waits for its turn reads the files as they are by then: it does for all signals until it begins.
      if (reloadWaits || workplace === undefined) return;
      reloadWaits = true;
      workplace.context.reload().catch(() => undefined);
    },
    crash(thrown) {
      const met = asFailure(thrown);
      const trace = thrown instanceof Error ? thrown.stack : undefined;
      logger.log("error", "the agent crashed", { problem: met.message, trace });
      crashed.resolve(exitCodes.failed);
    },
  });
  // One at a time: of two that overlap, the one that read the older files might come last.
  const reloads = createTurns(1);
  workplace = openWorkplace({
    ...options,
    what: options.once ? "agent --once" : "agent",
    stop: stop.signal,
    onStage: () => tellStatus(options, workplace?.services),
    reload: async (services) => {
      using _turn = await reloads.take(stop.signal);
      reloadWaits = false;
      return await reload(services, options);
    },
  });
  const work = options.once ? lookOnce(workplace) : serve(workplace, stop.signal, options);
  const limit = overdue(stop.signal, ports);
  return await Promise.race([work, crashed.promise, limit]);
}

async function serve(workplace: Workplace, stop: AbortSignal, options: AgentOptions): Promise<number> {
  const { lock, context, services } = workplace;
  const { logger } = context.ports;
  let control: ControlServer | undefined;
  try {
    // Before the loops begin, so that what is open is ended before anything new is looked at.
    const recoveries = workplace.recover();
    control = await serveControl(lock, (who) => localOperations(context, who));
    services.startLoops();
    const { file, statePath } = services.configuration();
    tellStatus(options, services);
    options.supervisor?.ready();
    logger.log("info", "the agent runs", { services: services.some(undefined).length, config: file, state: statePath });
    await untilAborted(stop);
    await Promise.all([...recoveries, services.ended()]);
  } finally {
    await services.settled();
    await control?.close(lastAnswers);
    await workplace.close();
  }
  logger.log("info", "the agent stopped");
  return exitCodes.done;
}

/** A service that is no longer declared, but in the middle of an update, is not told of. */
function tellStatus({ supervisor }: AgentOptions, services: ManagedServices | undefined): void {
  const occupations = services?.some(undefined).map((service) => ({
    service: service.name,
    phase: service.phase(),
    broken: service.state().broken !== undefined,
  }));
  if (occupations !== undefined) supervisor?.status(statusLine(occupations));
}

async function lookOnce(workplace: Workplace): Promise<number> {
  const { lock, context } = workplace;
  let control: ControlServer | undefined;
  try {
    const recoveries = workplace.recover();
    control = await serveControl(lock, (who) => localOperations(context, who));
    const ended = (await Promise.all(recoveries)).flatMap((attempt) => attempt ?? []);
    const looks = await Promise.allSettled(updateAll(workplace));
    const results = [...ended.map((value) => ({ status: "fulfilled", value }) as const), ...looks];
    return results.map(exitCodeOf).reduce((worst, code) => (severity(code) > severity(worst) ? code : worst), 0);
  } finally {
    await control?.close(lastAnswers);
    await workplace.close();
  }
}

/** What one service's look means for `--once`: nothing to do is as good as done. */
function exitCodeOf(result: PromiseSettledResult<Attempt | CheckReport>): number {
  if (result.status === "rejected") return asFailure(result.reason).exitCode;
  switch (result.value.outcome) {
    case "rolled-back":
    case "withdrawn":
    case "broken":
      return exitCodes["rolled-back"];
    case "aborted":
    case "failed":
      return exitCodes.failed;
    case "postponed":
      return exitCodes["not-now"];
    default:
      return exitCodes.done;
  }
}

/** A service that went bad weighs more than one that could not be looked at. */
function severity(code: number): number {
  if (code === exitCodes.done) return 0;
  if (code === exitCodes["not-now"]) return 1;
  return code === exitCodes["rolled-back"] ? 3 : 2;
}

/** Takes on the configuration as it is now; keeps the last good one, and says why, when it is bad. */
async function reload(services: ManagedServices, options: AgentOptions): Promise<Configuration> {
  const { load, ports } = options;
  const { logger } = ports;
  try {
    const before = services.configuration();
    const read = await load();
    if (read.statePath !== before.statePath) {
      const { statePath } = before;
      logger.log("warn", "the state folder cannot change while the agent runs", {
        now: statePath,
        wanted: read.statePath,
      });
    }
    const next = { ...read, statePath: before.statePath };
    const { added, changed, removed } = services.adopt(next);
    tellStatus(options, services);
    const names = { added: added.join(" "), changed: changed.join(" "), removed: removed.join(" ") };
    logger.log("info", "the configuration was read again", names);
    return next;
  } catch (thrown) {
    const { code, message, remedy } = asFailure(thrown);
    logger.log("error", "the configuration is bad: the last good one stays", { code, problem: message, remedy });
    throw thrown;
  }
}

async function overdue(stop: AbortSignal, { clock, logger }: AgentPorts): Promise<number> {
  await untilAborted(stop);
  await clock.sleep(stopLimit);
  const after = formatDuration(stopLimit);
  logger.log("error", "the agent ends with work under way; the journal continues it", { after });
  return exitCodes.failed;
}
