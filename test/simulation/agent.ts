import type { AgentPorts } from "../../src/agent/agent-ports.ts";
import { localOperations } from "../../src/agent/local-operations.ts";
import type { ServiceContext } from "../../src/agent/managed-service.ts";
import { manageServices } from "../../src/agent/managed-services.ts";
import type { Operations } from "../../src/agent/operations.ts";
import { recoverAll } from "../../src/agent/recover.ts";
import { createTurns } from "../../src/agent/turns.ts";
import { failure } from "../../src/domain/failures/failure.ts";
import type { Logger } from "../../src/platform/ports.ts";
import { simulatedFiles } from "./files.ts";
import type { Host } from "./host.ts";
import { createLife, type Life } from "./life.ts";
import { memoryJournal } from "./memory-journal.ts";
import { configurationOf, hookRunTimes, wireFor } from "./parts.ts";
import { isHealthy, simulatedProcesses } from "./service.ts";
import type { World } from "./world.ts";

/** One agent on a host, from its start to its end: the real loop, machine, steps, release store and coordinator. */
export interface Agent {
  readonly life: Life;
  /** What a person at this host may ask. */
  readonly operations: Operations;
  /** SIGTERM; resolves when it ended. */
  stop(): Promise<void>;
}

/** Starts an agent as its process does: what was left open goes on first, then the loop begins. */
export function startAgent(world: World, host: Host): Agent {
  const { plan, trace } = world;
  const life = createLife(host.clock, (moment) => world.faults.strike(host, moment));
  const ports = portsOf(world, host, life);
  const stop = new AbortController();
  const journal = memoryJournal({
    file: host.journal,
    life,
    full: () => host.diskState.full,
    onWrite(update) {
      trace.note(host.id, "journal", `${update.state} ${update.outcome ?? ""}`);
      world.observer.journaled(host, update);
    },
    onState: (after, before) => world.observer.remembered(host, after, before),
  });
  const context: ServiceContext = {
    statePath: "/var/lib/dropship",
    journal,
    heavy: createTurns(2),
    ports,
    stop: stop.signal,
    wire: wireFor(world, host, life),
  };
  const services = manageServices(configurationOf(plan, host), context);
  const full = {
    ...context,
    services,
    async reload() {
      const next = configurationOf(plan, host);
      services.adopt(next);
      return next;
    },
  };
  const recoveries = recoverAll(full);
  services.startLoops();
  return {
    life,
    operations: localOperations(full, "an operator"),
    async stop() {
      stop.abort(failure("agent-stopping", {}));
      await Promise.all([...recoveries, services.ended()]);
      await services.settled();
      services.close();
    },
  };
}

function portsOf(world: World, host: Host, life: Life): AgentPorts {
  const { plan, trace, timeline, faults, observer, depot } = world;
  const dice = host.dice.fork();
  return {
    http: { request: () => Promise.reject(new Error("nobody speaks HTTP in this world")) },
    processes: simulatedProcesses({
      life,
      fate: () => faults.hook(),
      takes: (run) => hookRunTimes(plan, run, dice),
      begins(run) {
        trace.note(host.id, `hook ${run.stage} begins`, run.rollback ? "going back" : "");
        observer.hookBegins(host, run);
      },
      works(run) {
        trace.note(host.id, `hook ${run.stage} works`);
        observer.hookWorks(run);
        world.act(host, run);
      },
      healthy: () =>
        isHealthy(host.service, depot.published.get(host.service.runs ?? ""), {
          now: timeline.now(),
          host: host.number,
          startup: plan.service.startup,
        }),
    }),
    clock: life.clock,
    random: { fraction: dice.fraction, name: () => world.newName(dice) },
    logger: loggerOf(world, host, life),
    files: simulatedFiles({
      disk: host.disk,
      life,
      state: diskFaults(world, host),
      swaps: plan.service.swaps,
      onChange: (what, path) => observer.diskChanged(host, what, path),
    }),
    accounts: { self: () => ({ uid: 0, gid: 0 }), user: async () => undefined, group: async () => undefined },
    unpack: () => Promise.reject(new Error("each service is given its own")),
    connect: async () => {},
    environment: {},
    hostname: host.name,
    conceal: (text) => text,
  };
}

function diskFaults({ faults }: World, host: Host) {
  return {
    get full() {
      return host.diskState.full;
    },
    get slow() {
      return host.diskState.slow;
    },
    fails: () => faults.disk(),
  };
}

function loggerOf(world: World, host: Host, life: Life): Logger {
  const logger: Logger = {
    log(level, event, fields) {
      if (life.dead) return;
      world.log?.(host, level, event, fields);
    },
    with: () => logger,
  };
  return logger;
}
