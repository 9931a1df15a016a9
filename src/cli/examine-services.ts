import type { Finding } from "../agent/doctor/finding.ts";
import type { Loaded } from "../config/load.ts";
import { didYouMean } from "../domain/did-you-mean.ts";
import { failure } from "../domain/failures/failure.ts";
import type { AgentDoors } from "./agent-doors.ts";
import { remarkLogger } from "./remark-logger.ts";
import type { Screen } from "./screen.ts";

interface ExamineWorld {
  readonly screen: Screen;
  readonly loaded: Loaded;
  readonly doors: AgentDoors;
  readonly onInterrupt: (interrupted: () => void) => Disposable;
}

/** Tries what updates of one service, or of all, need. Without a sound configuration there is nothing to try. */
export async function examineServices(
  { screen, loaded, doors, onInterrupt }: ExamineWorld,
  service: string | undefined,
  onFinding: (finding: Finding) => void,
): Promise<void> {
  const { configuration, secrets } = loaded;
  if (configuration === undefined) return;
  const known = configuration.services.map(({ name }) => name);
  const services = configuration.services.filter(({ name }) => service === undefined || name === service);
  if (service !== undefined && services.length === 0)
    throw failure("unknown-service", { service, hint: didYouMean(service, known) });
  const stop = new AbortController();
  using _listening = onInterrupt(() => stop.abort(failure("stopped-looking", {})));
  // What the drivers remark on while they are tried is told by the findings.
  const logger = remarkLogger(screen, () => false);
  await doors.examine({ configuration, services, secrets, stop: stop.signal, logger, onFinding });
}
