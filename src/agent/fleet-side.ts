import type { Clock, Logger, Random } from "../platform/ports.ts";
import type { ServicePorts, UpdateEvent } from "../update/ports.ts";
import { type FleetDuties, fleetDuties } from "./fleet-duties.ts";
import { hostReport } from "./host-report.ts";
import { hostReporter } from "./host-reporter.ts";
import type { Journal } from "./journal/journal.ts";
import type { Stage } from "./stage.ts";

/** How one service goes with the others of its fleet. */
export interface FleetSide {
  /** Undefined when hosts are not coordinated. */
  duties(): FleetDuties | undefined;
  /** Tells the fleet of what happens, as far as that concerns it. */
  hear(event: UpdateEvent): void;
  /** From now on it also gives signs of life. */
  keepOn(): void;
  /** The service has these parts now. */
  renew(parts: ServicePorts): void;
  /** Resolves when the last change is told, or cannot be told in time. */
  settled(): Promise<void>;
  end(): void;
}

export interface FleetSidePorts {
  readonly service: string;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
  readonly stage: () => Stage;
}

export function fleetSide(first: ServicePorts, ports: FleetSidePorts): FleetSide {
  const { service, journal, clock, stage } = ports;
  let parts = first;
  const reporter = hostReporter({
    ...ports,
    coordinator: () => parts.coordinator,
    facts: ({ host }) => hostReport({ host, service, at: clock.wall(), journal, stage: stage() }),
  });
  const dutiesNow = () => {
    const { coordinator } = parts;
    return coordinator && fleetDuties({ parts, coordinator, journal, onUnknown: reporter.changed });
  };
  let duties = dutiesNow();
  return {
    duties: () => duties,
    hear(event) {
      if (event.type === "state" || event.type === "waiting") reporter.changed();
    },
    keepOn: reporter.keepOn,
    renew(next) {
      parts = next;
      duties = dutiesNow();
    },
    settled: reporter.settled,
    end: reporter.end,
  };
}
