import { failure } from "../failures/failure.ts";
import type { Trust } from "./trust.ts";

/**
 * What is known of one document from somewhere: what this host accepted in its place before, what the rollout record says.
 * Nothing that is older, and nothing else under the same number, is taken after it.
 */
export interface Floor {
  /** The highest that is known. Undefined: of a release, which has no number and never changes. */
  readonly sequence?: number;
  /** What tells it from another with this number: the SHA-256 of the artifact that it names; of an index, that of its text. */
  readonly content?: string;
  /** The number of the key that had signed it. Undefined: it binds for ever. */
  readonly signedBy?: string;
}

/**
 * Refuses what goes back ("document-older"), what claims a number that another one has had ("document-forked"), and what jumps
 * further ahead than years of publishing would ("document-jumped": whoever has stolen a key could otherwise use up all
 * numbers).
 */
export function judgeSequence(
  object: string,
  { sequence, content }: { readonly sequence: number; readonly content: string },
  floors: readonly Floor[],
  trust: Trust | undefined,
): void {
  const binding = bindingFloors(floors, trust);
  const floor = binding.reduce((highest, one) => Math.max(highest, one.sequence ?? 0), trust?.minSequence ?? 0);
  if (sequence < floor) throw failure("document-older", { object, sequence, floor });
  const before = binding.filter((one) => one.sequence === sequence && one.content !== undefined);
  if (before.some((one) => one.content !== content)) throw failure("document-forked", { object, sequence });
  const allowed = trust?.maxJump ?? Number.POSITIVE_INFINITY;
  if (sequence - floor > allowed) throw failure("document-jumped", { object, sequence, floor, allowed });
}

/** Refuses a release document that names other content than the one that was accepted in its place ("document-changed"). */
export function judgeSameness(
  object: string,
  content: string,
  floors: readonly Floor[],
  trust: Trust | undefined,
): void {
  const before = bindingFloors(floors, trust).find((one) => one.content !== undefined && one.content !== content);
  if (before !== undefined) throw failure("document-changed", { object, content, before: before.content ?? "" });
}

/**
 * A floor binds as long as the key behind it is trusted: who replaces a stolen key is rid of the numbers that it was misused
 * for.
 */
function bindingFloors(floors: readonly Floor[], trust: Trust | undefined): readonly Floor[] {
  if (trust === undefined) return floors;
  return floors.filter(
    ({ signedBy }) => signedBy === undefined || trust.keys.some(({ number }) => number === signedBy),
  );
}
