import { asFailure, type FailureCode } from "../../domain/failures/failure.ts";
import { AskedToWait, objectRetries, type RetryRule, retryWait } from "../../domain/retry.ts";
import type { Clock, Logger, Random } from "../../platform/ports.ts";

export interface RetryPorts {
  readonly clock: Clock;
  readonly random: Random;
  readonly logger: Logger;
}

/** What may be gone at the next try, though nobody changed anything. */
const worthAnotherTry: ReadonlySet<FailureCode> = new Set([
  "object-store-unanswered",
  "object-store-busy",
  "upload-damaged",
  "credentials-unavailable",
  // of an identity service
  "connection-failed",
  "connection-cut",
  "timed-out",
  "answer-malformed",
  "store-busy",
]);

/** Tries what comes to the same done twice; each try has its own deadline. */
export async function withRetries<Value>(
  doing: { readonly place: string; readonly doing: string },
  ports: RetryPorts,
  signal: AbortSignal,
  work: () => Promise<Value>,
  rule: RetryRule = objectRetries,
): Promise<Value> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await work();
    } catch (error) {
      signal.throwIfAborted();
      const { code, cause } = asFailure(error);
      if (!worthAnotherTry.has(code) || failures >= rule.tries) throw error;
      const asked = cause instanceof AskedToWait ? cause.wait : undefined;
      const wait = retryWait(rule, failures, ports.random.fraction(), asked);
      ports.logger.log("info", "a store is asked again", { ...doing, code, wait });
      await ports.clock.sleep(wait, signal);
    }
  }
}
