import type { Milliseconds } from "../duration.ts";
import { failure } from "../failures/failure.ts";
import type { DocumentHead } from "./documents.ts";

/** One act of publishing: who does it, when, and what the documents say that are written by it. */
export interface Publication {
  /** The application's name. */
  readonly service: string;
  readonly by: string;
  /** Milliseconds since 1970. */
  readonly created: number;
  /**
   * So long after `created` channel and index expire; infinite: never. Undefined: as long as the ones before were valid, so
   * that what somebody chose once is not lost when another signs.
   */
  readonly validFor?: Milliseconds | undefined;
  /** No sequence below this one: for a repository that was begun anew, whose hosts have seen higher ones. */
  readonly atLeast?: number | undefined;
}

/** The head of a document that is made by this, in the place of `standing`. */
export function headOf({ service, by, created, validFor }: Publication, standing?: DocumentHead): DocumentHead {
  const before = standing?.expires === undefined ? Number.POSITIVE_INFINITY : standing.expires - standing.created;
  const valid = validFor ?? before;
  return { format: 1, service, created, by, ...(Number.isFinite(valid) && { expires: created + valid }) };
}

/** The sequence of the document that takes the place of one with `sequence`. Throws "sequence-used-up". */
export function nextSequence(object: string, sequence: number | undefined, { atLeast = 1 }: Publication): number {
  const next = Math.max((sequence ?? 0) + 1, atLeast);
  if (!Number.isSafeInteger(next)) throw failure("sequence-used-up", { object, sequence: sequence ?? 0 });
  return next;
}
