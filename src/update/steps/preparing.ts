import { blamesContent } from "../../domain/blame.ts";
import { asFailure } from "../../domain/failures/failure.ts";
import { stopping } from "../limits.ts";
import type { Learned } from "../machine.ts";

/** Before the switch nothing was touched: an attempt that the agent's stop ends is simply tried again. */
export const postponedByStop: { readonly outcome: "stopped"; readonly learned: Learned } = {
  outcome: "stopped",
  learned: { outcome: "postponed" },
};

/** The outcome of a preparing step that threw: the agent stops, the deadline passed, or something failed. */
export function preparationFailed(
  thrown: unknown,
  signal: AbortSignal,
): { readonly outcome: "failed" | "stopped"; readonly learned: Learned } {
  if (stopping(signal)) return postponedByStop;
  const met = asFailure(signal.aborted ? signal.reason : thrown);
  const blame = blamesContent(met.code) ? "content" : "host";
  return { outcome: "failed", learned: { outcome: "aborted", failure: met.note, blame } };
}
