import type { LockHolder } from "../agent/lock.ts";
import type { Readings } from "../agent/onlooker.ts";
import type { Operations } from "../agent/operations.ts";
import type { Loaded } from "../config/load.ts";
import { failure } from "../domain/failures/failure.ts";
import type { Configuration } from "../domain/service.ts";
import type { AgentDoors, ReadAgain } from "./agent-doors.ts";
import { remarkLogger } from "./remark-logger.ts";
import type { Screen } from "./screen.ts";

export interface AccessOptions {
  readonly screen: Screen;
  readonly doors: AgentDoors;
  readonly loaded: Loaded;
  /** The sound configuration, or the failure that ends the command. */
  readonly configuration: () => Promise<Configuration>;
  readonly readAgain: ReadAgain;
  /** `dropship status`: for others that find the agent's lock taken. */
  readonly what: string;
  /** Calls back at each Ctrl-C until disposed of. */
  readonly onInterrupt: (interrupted: () => void) => Disposable;
}

/** Runs `use` on the running agent, or on one in this process when none runs. */
export async function withOperations<Result>(
  options: AccessOptions,
  use: (operations: Operations) => Promise<Result>,
): Promise<Result> {
  const running = await connected(options);
  return await (running === undefined ? embedded(options, use) : detachable(options, () => use(running)));
}

/** Runs `use` on the running agent, or on what its journal says when none runs. */
export async function withReadings<Result>(
  options: AccessOptions,
  use: (readings: Readings) => Promise<Result>,
): Promise<Result> {
  const running = await connected(options);
  if (running !== undefined) return await detachable(options, () => use(running));
  const { screen, doors, loaded, onInterrupt } = options;
  const configuration = await options.configuration();
  const stop = new AbortController();
  using _listening = onInterrupt(() => stop.abort(failure("stopped-looking", {})));
  const stopped = new Promise<never>((_resolve, reject) => {
    stop.signal.addEventListener("abort", () => reject(stop.signal.reason), { once: true });
  });
  const { secrets } = loaded;
  const look = doors.lookOn(
    { configuration, secrets, stop: stop.signal, logger: remarkLogger(screen) },
    (readings, holder) => {
      screen.remark(remarkOn(holder, configuration));
      return use(readings);
    },
  );
  return await Promise.race([look, stopped]);
}

/** Runs `use` on the running agent; there is nothing that could be done without one. */
export async function withAgent<Result>(
  options: AccessOptions,
  use: (operations: Operations) => Promise<Result>,
): Promise<Result> {
  const running = await connected(options);
  if (running !== undefined) return await detachable(options, () => use(running));
  throw failure("no-agent", { path: (await options.configuration()).statePath });
}

function remarkOn(holder: LockHolder | undefined, { statePath }: Configuration): string {
  const who = holder === undefined ? "no agent is running" : `process ${holder.pid} (${holder.what}) is at work`;
  return `${who}; read from ${statePath}`;
}

async function connected({ screen, doors, loaded, configuration }: AccessOptions): Promise<Operations | undefined> {
  const statePath = loaded.statePath ?? (await configuration()).statePath;
  const running = await doors.connect(statePath);
  if (running !== undefined && loaded.configuration === undefined) {
    screen.remark("the configuration has errors; the agent goes on with the last good one (see dropship validate)");
  }
  return running;
}

/** Ctrl-C ends the command and not what it asked the agent for. */
async function detachable<Result>({ onInterrupt, what }: AccessOptions, use: () => Promise<Result>): Promise<Result> {
  const interrupted = Promise.withResolvers<never>();
  using _listening = onInterrupt(() => interrupted.reject(failure("detached", { what })));
  return await Promise.race([use(), interrupted.promise]);
}

/** Ctrl-C stops what is under way where that is safe; an update in its switch is ended first. */
async function embedded<Result>(
  { screen, doors, loaded, configuration, readAgain, what, onInterrupt }: AccessOptions,
  use: (operations: Operations) => Promise<Result>,
): Promise<Result> {
  const own = await configuration();
  const stop = new AbortController();
  using _listening = onInterrupt(() => {
    screen.remark("stopping; what is in the middle of a switch is ended first");
    stop.abort(failure("agent-stopping", {}));
  });
  screen.remark("no agent is running; this command does the work itself");
  let telling = false;
  const logger = remarkLogger(screen, () => telling);
  const { secrets } = loaded;
  const settings = { configuration: own, secrets, load: readAgain, what, stop: stop.signal, logger };
  return await doors.embed(settings, (operations) => {
    telling = true;
    return use(operations);
  });
}
