import { hostname } from "node:os";
import { createSecrets, type Secrets } from "../domain/secrets.ts";
import type { Unpack } from "../drivers/archives/archive.ts";
import { unpack } from "../drivers/archives/unpacking/unpack.ts";
import type { ProbePorts } from "../drivers/probes/probe.ts";
import { accounts } from "../platform/accounts.ts";
import { systemClock } from "../platform/clock.ts";
import { connect } from "../platform/connect.ts";
import { files } from "../platform/files.ts";
import { hostLeaves } from "../platform/host-leaves.ts";
import { createHttpClient } from "../platform/http.ts";
import type { Accounts, Clock, Files, HttpClient, Logger, Processes, Random } from "../platform/ports.ts";
import { createProcesses } from "../platform/processes.ts";
import { systemRandom } from "../platform/random.ts";

/** The world as the agent sees it; everything below gets its part of this. */
export interface AgentPorts {
  readonly http: HttpClient;
  readonly processes: Processes;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly files: Files;
  readonly accounts: Accounts;
  readonly unpack: Unpack;
  readonly connect: ProbePorts["connect"];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly hostname: string;
  /** Whether this host is shutting down. Undefined: nobody can tell. */
  readonly hostLeaves?: () => Promise<boolean>;
  /** Takes out of a text from outside what must not be shown. */
  readonly conceal: Secrets["conceal"];
}

/** The real world. `secrets`: of the configuration, also those that a later one adds. */
export function systemPorts(logger: Logger, { conceal }: Pick<Secrets, "conceal"> = createSecrets()): AgentPorts {
  return {
    http: createHttpClient(),
    processes: createProcesses({ clock: systemClock, random: systemRandom, conceal }),
    clock: systemClock,
    random: systemRandom,
    logger,
    files,
    accounts,
    unpack,
    connect,
    environment: process.env,
    hostname: hostname(),
    hostLeaves,
    conceal,
  };
}
