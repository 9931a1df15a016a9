import type { Milliseconds } from "../../domain/duration.ts";
import type { FailureNote } from "../../domain/failures/failure.ts";

/** What one check came to. */
export interface Finding {
  /** The check's name, in words: "free space". */
  readonly check: string;
  /** Undefined: it is about the whole host. */
  readonly service?: string;
  readonly result: "ok" | "warning" | "failed";
  /** One sentence: what was seen. */
  readonly sentence: string;
  /** One sentence: what to do about it. */
  readonly remedy?: string;
  /** What it was made of, where that has names of its own. */
  readonly parts?: readonly { readonly check: string; readonly passed: boolean; readonly observed: string }[];
}

/** A finding without its name. */
export type Verdict = Omit<Finding, "check" | "service">;

/** One question to this host. Nothing that a check does changes what an agent would do. */
export interface Check {
  readonly name: string;
  readonly service?: string;
  /** After this it counts as failed, whatever it waits for. */
  readonly deadline: Milliseconds;
  run(signal: AbortSignal): Promise<Verdict>;
}

export function ok(sentence: string): Verdict {
  return { result: "ok", sentence };
}

export function warning(sentence: string, remedy: string): Verdict {
  return { result: "warning", sentence, remedy };
}

export function failed(sentence: string, remedy: string): Verdict {
  return { result: "failed", sentence, remedy };
}

/** A failure of the catalogue as a verdict: one that may pass by itself is still one that an update would meet now. */
export function failedWith({ sentence, remedy }: FailureNote): Verdict {
  return failed(sentence, remedy);
}
