import type { Milliseconds } from "../duration.ts";
import type { PublicKey } from "./public-key.ts";

/** Whom a service trusts: `trust { … }`. Without it, unsigned documents are taken, and a signature counts for nothing. */
export interface Trust {
  /** At least one; all of them distinct (`trustedKeys`). */
  readonly keys: readonly PublicKey[];
  /** Nothing below this is taken: for hosts that begin with an empty state. */
  readonly minSequence?: number;
  /** A channel or an index that was signed longer ago is not taken. */
  readonly maxAge?: Milliseconds;
  /** So far beyond the last known sequence one is believed. */
  readonly maxJump: number;
}

export const usualMaxJump = 1_000_000;
