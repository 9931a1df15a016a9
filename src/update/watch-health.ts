import type { Milliseconds } from "../domain/duration.ts";
import { asFailure, type FailureNote, failure } from "../domain/failures/failure.ts";
import { beginWatch, healthVerdict, nextProbe, observed } from "../domain/health.ts";
import type { ProbeAnswer } from "../drivers/probes/probe.ts";
import type { Evidence } from "./evidence.ts";
import { probeFacts } from "./hook-facts.ts";
import { stopping } from "./limits.ts";
import { suspended } from "./machine.ts";
import { orAborted } from "./or-aborted.ts";
import type { ServiceProbe, UpdatePorts } from "./ports.ts";
import type { UpdateRecord } from "./record.ts";

export type WatchResult = { readonly healthy: true } | { readonly healthy: false; readonly failure: FailureNote };

/**
 * Watches a service by all its probes at once until every one of them is satisfied, or the first one is not. A service
 * without probes has nothing to look at: it counts as healthy once the bake time is over.
 */
export async function watchHealth(
  update: UpdateRecord,
  { bake }: { readonly bake: Milliseconds },
  ports: UpdatePorts,
  evidence: Evidence,
  signal: AbortSignal,
): Promise<WatchResult | typeof suspended> {
  // The first probe that is not satisfied ends the watch of all others, with its reason.
  const lost = new AbortController();
  const watched = AbortSignal.any([signal, lost.signal]);
  const look = async (probe: ServiceProbe) => {
    const problem = await watchOne(probe, bake, update, ports, evidence, watched);
    if (problem === undefined) return;
    const reason = `${probe.probe.label}: ${problem}${problem.endsWith(".") ? "" : "."}`;
    lost.abort(failure("service-unhealthy", { service: update.service, reason }));
  };
  const watches = await Promise.allSettled(
    ports.probes.length > 0 ? ports.probes.map(look) : bake > 0 ? [ports.clock.sleep(bake, signal)] : [],
  );
  if (stopping(signal)) return suspended;
  if (watched.aborted) return { healthy: false, failure: asFailure(watched.reason).note };
  const broke = watches.find((watch) => watch.status === "rejected");
  return broke ? { healthy: false, failure: asFailure(broke.reason).note } : { healthy: true };
}

/** One probe's watch: resolves to what the probe said last when it made the service unhealthy. Throws when it is ended. */
async function watchOne(
  { probe, declaration }: ServiceProbe,
  bake: Milliseconds,
  update: UpdateRecord,
  ports: UpdatePorts,
  evidence: Evidence,
  signal: AbortSignal,
): Promise<string | undefined> {
  const { clock } = ports;
  const rules = { ...declaration, bake };
  let watch = beginWatch(clock.monotonic());
  let said = "no probe answered";
  for (;;) {
    const verdict = healthVerdict(watch);
    if (verdict === "healthy") return undefined;
    if (verdict === "unhealthy") return said;
    await clock.sleep(Math.max(0, nextProbe(watch, declaration.interval, rules) - clock.monotonic()), signal);
    const answer = await ask({ probe, declaration }, update, ports, signal);
    signal.throwIfAborted();
    said = answer.detail;
    // A long bake says "200 OK" a thousand times: once is enough.
    const news = !answer.healthy || !watch.passing;
    watch = observed(watch, answer.healthy, clock.monotonic(), rules);
    if (news) evidence.add(update.state, probe.label, answer.healthy ? "healthy" : "unhealthy", answer.detail);
  }
}

/** A probe that throws or does not answer in time, whether or not it heeds its signal, says that the service is not healthy. */
async function ask(
  { probe, declaration: { timeout } }: ServiceProbe,
  update: UpdateRecord,
  ports: UpdatePorts,
  signal: AbortSignal,
): Promise<ProbeAnswer> {
  using limit = ports.clock.deadline(timeout, () => failure("probe-timed-out", { after: timeout }), signal);
  try {
    return await orAborted(probe.check({ ...probeFacts(update, ports), signal: limit.signal, timeout }), limit.signal);
  } catch (thrown) {
    return { healthy: false, detail: asFailure(limit.signal.aborted ? limit.signal.reason : thrown).message };
  }
}
