import { failure } from "../failures/failure.ts";
import type { Trust } from "./trust.ts";

/**
 * The highest sequence of one document that is known from somewhere: what this host accepted itself, what the rollout record
 * says. Whatever is below it is an old one.
 */
export interface Floor {
  readonly sequence: number;
  /** SHA-256 of the document that had it, in hex. */
  readonly digest?: string;
  /** The number of the key that had signed it. Undefined: it binds for ever. */
  readonly signedBy?: string;
}

/** What a document says of its place in the row, and what tells it from another one in the same place. */
export interface Ranked {
  readonly sequence: number;
  readonly digest: string;
}

/**
 * Refuses what goes back ("document-older"), what claims a place that another one has had ("document-forked"), and what jumps
 * further ahead than years of publishing would ("document-jumped": whoever has stolen a key could otherwise spend all numbers).
 */
export function judgeSequence(
  object: string,
  { sequence, digest }: Ranked,
  floors: readonly Floor[],
  trust: Trust | undefined,
): void {
  const binding = bindingFloors(floors, trust);
  const floor = binding.reduce((highest, one) => Math.max(highest, one.sequence), 0);
  if (sequence < floor) throw failure("document-older", { object, sequence, floor });
  const sameplace = binding.filter((one) => one.sequence === sequence && one.digest !== undefined);
  if (sameplace.some((one) => one.digest !== digest)) throw failure("document-forked", { object, sequence });
  const allowed = trust?.maxJump ?? Number.POSITIVE_INFINITY;
  if (sequence - floor > allowed) throw failure("document-jumped", { object, sequence, floor, allowed });
}

/**
 * A floor binds as long as the key behind it is trusted. Who replaces a stolen key is rid of the numbers that it was misused
 * for; nothing that a trusted key signed comes back by that.
 */
function bindingFloors(floors: readonly Floor[], trust: Trust | undefined): readonly Floor[] {
  if (trust === undefined) return floors;
  const binding = floors.filter(
    ({ signedBy }) => signedBy === undefined || trust.keys.some(({ number }) => number === signedBy),
  );
  return [...binding, { sequence: trust.minSequence ?? 0 }];
}
