import type { Milliseconds } from "../domain/duration.ts";
import { asFailure, type FailureNote, failure } from "../domain/failures/failure.ts";
import { beginWatch, type HealthRules, healthVerdict, observed } from "../domain/health.ts";
import type { ProbeAnswer } from "../drivers/probes/probe.ts";
import type { Evidence } from "./evidence.ts";
import { probeFacts } from "./hook-facts.ts";
import { stopping } from "./limits.ts";
import { suspended } from "./machine.ts";
import type { ServiceProbe, UpdatePorts } from "./ports.ts";
import type { UpdateRecord } from "./record.ts";

export type WatchResult =
  | { readonly healthy: true }
  | { readonly healthy: false; readonly reason: string; readonly failure?: FailureNote };

/**
 * Watches a service by all its probes at once until every one of them is satisfied, or the first one is not. A service
 * without probes is healthy: there is nothing to look at.
 */
export async function watchHealth(
  update: UpdateRecord,
  { bake }: { readonly bake: Milliseconds },
  ports: UpdatePorts,
  evidence: Evidence,
  signal: AbortSignal,
): Promise<WatchResult | typeof suspended> {
  const lost = new AbortController();
  const watched = AbortSignal.any([signal, lost.signal]);
  const watches = ports.probes.map(async (probe) => {
    const result = await watchOne(probe, bake, update, ports, evidence, watched);
    if (!result.healthy) lost.abort(failure("service-unhealthy", { service: update.service, reason: result.reason }));
    return result;
  });
  const results = await Promise.allSettled(watches);
  if (stopping(signal)) return suspended;
  if (signal.aborted) {
    const { note } = asFailure(signal.reason);
    return { healthy: false, reason: note.sentence, failure: note };
  }
  for (const result of results) {
    if (result.status === "fulfilled" && !result.value.healthy) return result.value;
  }
  const threw = results.find((result) => result.status === "rejected");
  return threw ? { healthy: false, reason: asFailure(threw.reason).message } : { healthy: true };
}

/** One probe's watch; throws when the signal aborts it. */
async function watchOne(
  { probe, declaration }: ServiceProbe,
  bake: Milliseconds,
  update: UpdateRecord,
  ports: UpdatePorts,
  evidence: Evidence,
  signal: AbortSignal,
): Promise<WatchResult> {
  const { clock } = ports;
  const rules: HealthRules = { ...declaration, bake };
  const facts = probeFacts(update, ports);
  let watch = beginWatch(clock.monotonic());
  for (;;) {
    const began = clock.monotonic();
    const answer = await ask({ probe, declaration }, facts, ports, signal);
    signal.throwIfAborted();
    evidence.add(update.state, probe.label, answer.healthy ? "healthy" : "unhealthy", answer.detail);
    watch = observed(watch, answer.healthy, clock.monotonic(), rules);
    const verdict = healthVerdict(watch, clock.monotonic(), rules);
    if (verdict === "healthy") return { healthy: true };
    if (verdict === "unhealthy") return { healthy: false, reason: `${probe.label} says: ${answer.detail}` };
    await clock.sleep(Math.max(0, began + declaration.interval - clock.monotonic()), signal);
  }
}

async function ask(
  { probe, declaration: { timeout } }: ServiceProbe,
  facts: ReturnType<typeof probeFacts>,
  { clock }: UpdatePorts,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  using limit = clock.deadline(timeout, () => failure("probe-timed-out", { after: timeout }), signal);
  try {
    return await probe.check({ ...facts, signal: limit.signal, timeout });
  } catch (thrown) {
    return { healthy: false, detail: asFailure(limit.signal.aborted ? limit.signal.reason : thrown).message };
  }
}
