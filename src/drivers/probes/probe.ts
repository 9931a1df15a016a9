import type { Clock, HttpClient, Processes } from "../../platform/ports.ts";

export interface ProbeContext {
  readonly environment: Readonly<Record<string, string>>;
  readonly directory: string;
  /** Aborts at the probe's own time-out. */
  readonly signal: AbortSignal;
  /** Milliseconds until `signal` aborts, for probes that hand a limit on. */
  readonly timeout: number;
}

export interface ProbeAnswer {
  readonly healthy: boolean;
  /** One line for a person: "200 OK in 12 ms", "connection refused". Kept as evidence. */
  readonly detail: string;
}

/** One look at a service. It answers; it never throws for an unhealthy service. How often and how long is not its matter. */
export interface Probe {
  readonly label: string;
  check(context: ProbeContext): Promise<ProbeAnswer>;
}

export interface ProbePorts {
  /** `file:line:column` of the health block. */
  readonly where: string;
  readonly http: HttpClient;
  readonly processes: Processes;
  readonly clock: Clock;
  /** Opens a TCP connection and closes it; throws when it cannot. */
  readonly connect: (host: string, port: number, signal: AbortSignal) => Promise<void>;
}
