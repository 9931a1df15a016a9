import type { CoordinatedService, FleetDesk } from "../agent/fleet-desk.ts";
import { didYouMean } from "../domain/did-you-mean.ts";
import { failure } from "../domain/failures/failure.ts";
import type { Configuration, ServiceDeclaration } from "../domain/service.ts";
import type { AgentDoors } from "./agent-doors.ts";
import { remarkLogger } from "./remark-logger.ts";
import type { Screen } from "./screen.ts";

interface FleetAccess {
  readonly screen: Screen;
  readonly configuration: Configuration;
  readonly secrets: ReadonlySet<string>;
  readonly doors: AgentDoors;
  readonly onInterrupt: (interrupted: () => void) => Disposable;
}

/** Runs `use` where the hosts of a service meet. */
export async function withFleet<Result>(
  { screen, configuration, secrets, doors, onInterrupt }: FleetAccess,
  name: string,
  group: string | undefined,
  use: (desk: FleetDesk) => Promise<Result>,
): Promise<Result> {
  const service = coordinatedService(configuration, name);
  const stop = new AbortController();
  using _listening = onInterrupt(() => stop.abort(failure("stopped-asking", { service: name })));
  return await doors.meet({ service, group, secrets, stop: stop.signal, logger: remarkLogger(screen) }, use);
}

function coordinatedService({ services }: Configuration, name: string): CoordinatedService {
  const found = services.find((service) => service.name === name);
  if (found === undefined) {
    const known = services.map((service) => service.name);
    throw failure("unknown-service", { service: name, hint: didYouMean(name, known) });
  }
  if (!isCoordinated(found)) throw failure("not-coordinated", { service: name });
  return found;
}

export function isCoordinated(service: ServiceDeclaration): service is CoordinatedService {
  return service.rollout !== undefined;
}
