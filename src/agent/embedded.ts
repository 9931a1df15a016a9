import { failure } from "../domain/failures/failure.ts";
import { whoAmI } from "./control/identity.ts";
import { localOperations } from "./local-operations.ts";
import type { Operations } from "./operations.ts";
import type { AgentOptions } from "./run-agent.ts";
import { openWorkplace } from "./workplace.ts";

export interface EmbeddedOptions extends Omit<AgentOptions, "once"> {
  /** "dropship update": for others that find the lock taken. */
  readonly what: string;
  /** Aborts when the person gives up (SIGINT): what is switching is ended first. */
  readonly stop?: AbortSignal;
}

/**
 * Carries out operations in this process, for which no agent may run: takes the lock, ends the updates that were left open,
 * lets `use` do its work, and lets go of everything.
 */
export async function withEmbeddedAgent<Result>(
  options: EmbeddedOptions,
  use: (operations: Operations) => Promise<Result>,
): Promise<Result> {
  const { configuration, ports, what } = options;
  const stop = options.stop ?? new AbortController().signal;
  const nobodyToReload = () => Promise.reject(failure("no-agent", { path: configuration.statePath }));
  const workplace = openWorkplace({ configuration, ports, what, stop, reload: nobodyToReload });
  try {
    await Promise.all(workplace.recover());
    return await use(localOperations(workplace.context, whoAmI()));
  } finally {
    await workplace.close();
  }
}
