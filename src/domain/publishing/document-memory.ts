import type { Floor } from "./sequence.ts";

/** What a host remembers of the documents that it took for one service; it outlives restarts and other configurations. */
export interface DocumentMemory {
  /** The latest last. */
  readonly taken: readonly TakenDocument[];
  /** The latest moment at which one was taken here; milliseconds since 1970. */
  readonly lastGood: number;
}

export interface TakenDocument {
  /** Which document: `channel "stable" of "web"`. */
  readonly document: string;
  readonly floor: Floor;
}

/** A service follows one at a time; so many are remembered for the case that it comes back to one. */
const memoryLimit = 50;

/** What the next document of this name is judged by. */
export function floorsOf(memory: DocumentMemory | undefined, document: string): readonly Floor[] {
  return (memory?.taken ?? []).filter((one) => one.document === document).map(({ floor }) => floor);
}

/** The memory once this document is taken. */
export function remembering(memory: DocumentMemory | undefined, taken: TakenDocument, now: number): DocumentMemory {
  const others = (memory?.taken ?? []).filter(({ document }) => document !== taken.document);
  return { taken: [...others, taken].slice(-memoryLimit), lastGood: Math.max(memory?.lastGood ?? 0, now) };
}
