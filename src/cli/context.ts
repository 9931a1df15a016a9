import type { Finding } from "../agent/doctor/finding.ts";
import type { FleetDesk } from "../agent/fleet-desk.ts";
import type { Readings } from "../agent/onlooker.ts";
import type { Operations } from "../agent/operations.ts";
import type { Loaded } from "../config/load.ts";
import type { Configuration } from "../domain/service.ts";
import type { SetUpDesk } from "../platform/set-up-desk.ts";
import type { Publisher } from "../publish/publisher.ts";
import type { RunOptions } from "./agent-doors.ts";
import type { KeyWorld } from "./key-sources.ts";
import type { PublishingWish } from "./publishing-access.ts";
import type { Screen } from "./screen.ts";

/** What a command may use of the world. */
export interface CommandContext {
  readonly screen: Screen;
  /** The main file, as it was named. */
  readonly configFile: string;
  /** Milliseconds since 1970. */
  now(): number;
  /** Reads and judges the configuration. */
  load(): Promise<Loaded>;
  /** The configuration; errors in it are shown and end the command. */
  configuration(): Promise<Configuration>;
  /**
   * Lets `use` talk to the running agent; without one, takes its place in this process and says so. Ctrl-C lets go of a
   * running agent, and stops an own one as far as that is safe.
   */
  withOperations<Result>(use: (operations: Operations) => Promise<Result>): Promise<Result>;
  /** Lets `use` ask the running agent; without one, reads the journal and changes nothing, also beside another command. */
  withReadings<Result>(use: (readings: Readings) => Promise<Result>): Promise<Result>;
  /** Lets `use` talk to the running agent; fails with "no-agent" when none runs. */
  withAgent<Result>(use: (operations: Operations) => Promise<Result>): Promise<Result>;
  /** Tries everything that updates of one service, or of all, need; beside a running agent and without one. */
  examine(loaded: Loaded, service: string | undefined, onFinding: (finding: Finding) => void): Promise<void>;
  /**
   * Lets `use` meet the hosts of a coordinated service where they meet; no agent is needed. Fails with "unknown-service" or
   * "not-coordinated". `group`: undefined, that of the configuration. Ctrl-C gives up.
   */
  withFleet<Result>(
    service: string,
    group: string | undefined,
    use: (desk: FleetDesk) => Promise<Result>,
  ): Promise<Result>;
  /** Lets `use` publish, or look at what is published; no agent is needed, and no configuration if there is a target. */
  withPublishing<Result>(wish: PublishingWish, use: (publisher: Publisher) => Promise<Result>): Promise<Result>;
  /** Where keys and their passphrases come from. */
  readonly keys: KeyWorld;
  /** What setting up this host needs of it. */
  setUpDesk(): Promise<SetUpDesk>;
  /** Runs the agent itself; resolves to its exit code. */
  runAgent(options: Pick<RunOptions, "once" | "logLevel" | "logFormat">): Promise<number>;
}
