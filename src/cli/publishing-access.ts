import { failure } from "../domain/failures/failure.ts";
import { createSecrets } from "../domain/secrets.ts";
import type { Publisher } from "../publish/publisher.ts";
import type { Given } from "./command.ts";
import { type KeyWorld, privateKeySource, publicKeys } from "./key-sources.ts";
import { numberOf } from "./parse-arguments.ts";
import { highestSequence, validityOf } from "./publishing-flags.ts";
import { type ConfigurationAccess, publishingPlace } from "./publishing-place.ts";
import { remarkLogger } from "./remark-logger.ts";
import type { Screen } from "./screen.ts";

export interface PublishingAccess extends KeyWorld, ConfigurationAccess {
  readonly screen: Screen;
  readonly onInterrupt: (interrupted: () => void) => Disposable;
}

/** What is to be done where. */
export interface PublishingWish {
  /** The command, for sentences. */
  readonly command: string;
  readonly service: string;
  readonly given: Given;
  /** False: nothing is written, so that no key is asked for. */
  readonly writes: boolean;
}

/** Runs `use` where the target or the configuration says, with the key that was named. Ctrl-C ends it between two steps. */
export async function withPublishing<Result>(
  access: PublishingAccess,
  { command, service: named, given, writes }: PublishingWish,
  use: (publisher: Publisher) => Promise<Result>,
): Promise<Result> {
  const { screen, onInterrupt, environment } = access;
  const { flags, operands } = given;
  const place = await publishingPlace({ command, service: named, target: operands["target"] }, access);
  const validFor = validityOf(given);
  const atLeast = numberOf(given, "sequence", { otherwise: 1, lowest: 1, highest: highestSequence });
  const trusted = [...publicKeys(flags["trust"]), ...place.trusted];
  const privateKey = writes ? await privateKeySource(given, access) : undefined;
  const [{ withPublisher }, { systemPorts }, { operatorAt }] = await Promise.all([
    import("../publish/with-publisher.ts"),
    import("../agent/agent-ports.ts"),
    import("../agent/control/identity.ts"),
  ]);
  const ports = systemPorts(remarkLogger(screen), createSecrets(place.secrets));
  const by = flags["by"] ?? (environment["DROPSHIP_PUBLISHER"] || operatorAt(ports.hostname));
  const stop = new AbortController();
  using _listening = onInterrupt(() => stop.abort(failure("publication-stopped", { command })));
  const adopts = flags["adopt"] !== undefined;
  const { service, at } = place;
  const options = { service, by, validFor, atLeast, trusted, adopts, at, privateKey, signal: stop.signal };
  return await withPublisher({ ...options, onRemark: screen.remark }, ports, use);
}
