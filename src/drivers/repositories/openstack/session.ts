import type { Milliseconds } from "../../../domain/duration.ts";
import type { Clock } from "../../../platform/ports.ts";
import { stoppable } from "../../../platform/stoppable.ts";

/** The right to use one account of the store for a while. */
export interface Grant {
  readonly token: string;
  /** The account's address, without a slash at its end. */
  readonly storage: string;
  /** How long the token is valid from now on, if the identity service says. */
  readonly life?: Milliseconds;
}

/** A grant that is fetched when it is first needed, kept, and renewed before it ends. */
export interface Session {
  current(signal: AbortSignal): Promise<Grant>;
  /** Forgets this grant: the store did not take its token. */
  drop(grant: Grant): void;
}

/** A token is renewed this long before its end, or after nine tenths of a short life. */
const longestMargin: Milliseconds = 120_000;

/**
 * `authenticate` runs once for all who wait; one that is told to stop does not stop the others. A refusal is not kept: the
 * next who asks tries again.
 */
export function createSession(authenticate: () => Promise<Grant>, clock: Clock): Session {
  let kept: { readonly grant: Grant; readonly until: Milliseconds } | undefined;
  let running: Promise<Grant> | undefined;

  const renew = async () => {
    try {
      const grant = await authenticate();
      const life = grant.life ?? Number.POSITIVE_INFINITY;
      kept = { grant, until: clock.monotonic() + life - Math.min(longestMargin, life / 10) };
      return grant;
    } finally {
      running = undefined;
    }
  };

  return {
    async current(signal) {
      signal.throwIfAborted();
      if (kept !== undefined && clock.monotonic() < kept.until) return kept.grant;
      running ??= renew();
      return stoppable(running, signal);
    },
    drop(grant) {
      if (kept?.grant === grant) kept = undefined;
    },
  };
}
