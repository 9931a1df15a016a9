import type { Finding } from "../agent/doctor/finding.ts";
import type { CoordinatedService, FleetDesk } from "../agent/fleet-desk.ts";
import type { LockHolder } from "../agent/lock.ts";
import type { Readings } from "../agent/onlooker.ts";
import type { Operations } from "../agent/operations.ts";
import { createSecrets } from "../domain/secrets.ts";
import type { Configuration, ServiceDeclaration } from "../domain/service.ts";
import type { Logger } from "../platform/ports.ts";

/** Reads the configuration again; fails with a failure of the catalogue. */
export type ReadAgain = () => Promise<Configuration>;

/** The ways to an agent; a parameter, so that the command line is tested without one. */
export interface AgentDoors {
  /** `undefined`: no agent runs on this state folder. */
  connect(statePath: string): Promise<Operations | undefined>;
  /** Takes the place of the agent in this process while `use` runs. */
  embed<Result>(
    options: {
      readonly configuration: Configuration;
      /** What must not be shown. */
      readonly secrets: ReadonlySet<string>;
      readonly load: ReadAgain;
      readonly what: string;
      readonly stop: AbortSignal;
      readonly logger: Logger;
    },
    use: (operations: Operations) => Promise<Result>,
  ): Promise<Result>;
  /** Looks on while `use` runs, without being the agent; `holder` is the process that is at work meanwhile. */
  lookOn<Result>(
    options: {
      readonly configuration: Configuration;
      readonly secrets: ReadonlySet<string>;
      readonly stop: AbortSignal;
      readonly logger: Logger;
    },
    use: (readings: Readings, holder: LockHolder | undefined) => Promise<Result>,
  ): Promise<Result>;
  /** Tries everything that updates of these services need, without an agent's lock. */
  examine(options: {
    readonly configuration: Configuration;
    readonly services: readonly ServiceDeclaration[];
    readonly secrets: ReadonlySet<string>;
    readonly stop: AbortSignal;
    readonly logger: Logger;
    readonly onFinding: (finding: Finding) => void;
  }): Promise<void>;
  /** Lets `use` meet the hosts of a coordinated service in their store, from any machine and without an agent. */
  meet<Result>(
    options: {
      readonly service: CoordinatedService;
      /** Undefined: that of the configuration. */
      readonly group: string | undefined;
      readonly secrets: ReadonlySet<string>;
      readonly stop: AbortSignal;
      readonly logger: Logger;
    },
    use: (desk: FleetDesk) => Promise<Result>,
  ): Promise<Result>;
  /** Runs until a signal ends it; resolves to the exit code. */
  run(options: RunOptions): Promise<number>;
}

export const logLevels = ["debug", "info", "warn", "error"] as const;
export const logFormats = ["auto", "text", "json", "journal"] as const;

export interface RunOptions {
  readonly configuration: Configuration;
  /** What the log must not show. */
  readonly secrets: ReadonlySet<string>;
  /** Reads the configuration again, and with it what else the log must not show. */
  readonly load: () => Promise<{ readonly configuration: Configuration; readonly secrets: ReadonlySet<string> }>;
  /** One look at every service, then the end. */
  readonly once: boolean;
  readonly logLevel: (typeof logLevels)[number];
  readonly logFormat: (typeof logFormats)[number];
}

/** For the last lines of the log; milliseconds. */
const lastLines = 2000;

/** The real ones. Loaded when they are needed: `dropship help` is not to pay for an agent. */
export const agentDoors: AgentDoors = {
  async connect(statePath) {
    const { connect } = await import("../agent/control/client.ts");
    return await connect(statePath);
  },
  async embed({ logger, secrets, ...options }, use) {
    const [{ withEmbeddedAgent }, { systemPorts }] = await Promise.all([
      import("../agent/embedded.ts"),
      import("../agent/agent-ports.ts"),
    ]);
    return await withEmbeddedAgent({ ...options, ports: systemPorts(logger, createSecrets(secrets)) }, use);
  },
  async lookOn({ logger, secrets, ...options }, use) {
    const [{ withOnlooker }, { systemPorts }] = await Promise.all([
      import("../agent/onlooker.ts"),
      import("../agent/agent-ports.ts"),
    ]);
    return await withOnlooker({ ...options, ports: systemPorts(logger, createSecrets(secrets)) }, use);
  },
  async examine({ logger, secrets, ...options }) {
    const [{ examine }, { systemPorts }] = await Promise.all([
      import("../agent/doctor/examine.ts"),
      import("../agent/agent-ports.ts"),
    ]);
    await examine({ ...options, ports: systemPorts(logger, createSecrets(secrets)) });
  },
  async meet({ logger, secrets, ...options }, use) {
    const [{ atFleetDesk }, { systemPorts }] = await Promise.all([
      import("../agent/fleet-desk.ts"),
      import("../agent/agent-ports.ts"),
    ]);
    return await atFleetDesk({ ...options, ports: systemPorts(logger, createSecrets(secrets)) }, use);
  },
  async run({ configuration, secrets, load, once, logLevel, logFormat }) {
    const [{ runAgent }, { systemPorts }, { createLogger }, { keepMemorySmall }, supervision] = await Promise.all([
      import("../agent/run-agent.ts"),
      import("../agent/agent-ports.ts"),
      import("../platform/logger.ts"),
      import("../platform/memory.ts"),
      import("../platform/supervisor.ts"),
    ]);
    using _small = keepMemorySmall();
    const logger = createLogger({ level: logLevel, format: logFormat });
    logger.conceal(secrets);
    const known = createSecrets(secrets);
    const loadAgain = async () => {
      const again = await load();
      logger.conceal(again.secrets);
      known.add(again.secrets);
      return again.configuration;
    };
    const ports = systemPorts(logger, known);
    await using supervisor = supervision.createSupervisor(ports.environment, ports);
    try {
      return await runAgent({ configuration, ports, load: loadAgain, once, supervisor });
    } finally {
      await logger.flush(lastLines);
    }
  },
};
