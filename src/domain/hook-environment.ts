import type { Release } from "./release.ts";
import type { HookStage } from "./service.ts";

/** What a hook or a script probe is told about the update it is run for. */
export interface HookFacts {
  readonly service: string;
  readonly destination: string;
  /** Undefined for a probe. */
  readonly stage?: HookStage;
  /** Whether the update goes back to the previous release. */
  readonly rollback: boolean;
  /** Counts the attempts at this content. */
  readonly attempt: number;
  /** The id of this update. */
  readonly update: string;
  /** The release that is to run when the hook's part of the update is over. */
  readonly release?: Release;
  /** The one that it takes the place of. */
  readonly previous?: Release;
  /** How the update ended, as far as it did. */
  readonly outcome?: string;
  /** What went wrong, in one sentence. */
  readonly error?: string;
}

/**
 * The DROPSHIP_… variables. All of them are always there, empty when there is nothing to say, so that a script under
 * `set -u` can use them. Every value is one line: what a store or a server said cannot smuggle a second one in.
 */
export function hookEnvironment(facts: HookFacts): Readonly<Record<string, string>> {
  const values = {
    DROPSHIP_SERVICE: facts.service,
    DROPSHIP_DESTINATION: facts.destination,
    DROPSHIP_STAGE: facts.stage,
    DROPSHIP_ROLLBACK: facts.rollback ? "1" : "",
    DROPSHIP_ATTEMPT: String(facts.attempt),
    DROPSHIP_UPDATE: facts.update,
    DROPSHIP_RELEASE: facts.release?.id,
    DROPSHIP_HASH: facts.release?.digest,
    DROPSHIP_VERSION: facts.release?.version,
    DROPSHIP_PREVIOUS_RELEASE: facts.previous?.id,
    DROPSHIP_PREVIOUS_HASH: facts.previous?.digest,
    DROPSHIP_PREVIOUS_VERSION: facts.previous?.version,
    DROPSHIP_OUTCOME: facts.outcome,
    DROPSHIP_ERROR: facts.error,
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, oneLine(value ?? "")]));
}

/** The system takes at most 128 KiB for one variable; no sentence of ours needs more than this. */
const longest = 4096;

/** NUL cannot be passed at all; line ends and other control characters become blanks. */
function oneLine(value: string): string {
  return value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, " ").slice(0, longest);
}
