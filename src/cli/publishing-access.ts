import { failure } from "../domain/failures/failure.ts";
import { createSecrets } from "../domain/secrets.ts";
import type { Publisher } from "../publish/publisher.ts";
import type { Given } from "./command.ts";
import { type KeyWorld, privateKeySource, publicKeys } from "./key-sources.ts";
import { numberOf } from "./parse-arguments.ts";
import { highestSequence, validityOf } from "./publishing-flags.ts";
import { remarkLogger } from "./remark-logger.ts";
import type { Screen } from "./screen.ts";

export interface PublishingAccess extends KeyWorld {
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

/** Runs `use` where the target says, with the key that was named. Ctrl-C ends it between two steps. */
export async function withPublishing<Result>(
  { screen, onInterrupt, ...keys }: PublishingAccess,
  { command, service, given, writes }: PublishingWish,
  use: (publisher: Publisher) => Promise<Result>,
): Promise<Result> {
  const { flags, operands } = given;
  const { target } = operands;
  if (target === undefined) throw failure("target-missing", { command });
  const validFor = validityOf(given);
  const atLeast = numberOf(given, "sequence", { otherwise: 1, lowest: 1, highest: highestSequence });
  const trusted = publicKeys(flags["trust"]);
  const privateKey = writes ? await privateKeySource(given, keys) : undefined;
  const [{ withPublisher }, { systemPorts }, { operatorAt }] = await Promise.all([
    import("../publish/with-publisher.ts"),
    import("../agent/agent-ports.ts"),
    import("../agent/control/identity.ts"),
  ]);
  const ports = systemPorts(remarkLogger(screen), createSecrets());
  const by = flags["by"] ?? (keys.environment["DROPSHIP_PUBLISHER"] || operatorAt(ports.hostname));
  const stop = new AbortController();
  using _listening = onInterrupt(() => stop.abort(failure("publication-stopped", { command })));
  const adopts = flags["adopt"] !== undefined;
  const options = { service, by, validFor, atLeast, trusted, adopts, target, privateKey, signal: stop.signal };
  return await withPublisher({ ...options, onRemark: screen.remark }, ports, use);
}
