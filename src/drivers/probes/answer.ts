import { formatDuration } from "../../domain/duration.ts";
import type { Clock } from "../../platform/ports.ts";
import type { ProbeAnswer } from "./probe.ts";

/** Runs one look and adds how long it took. Whatever it throws is an answer too: not healthy, and why. */
export async function probing(
  clock: Clock,
  signal: AbortSignal,
  look: () => Promise<ProbeAnswer>,
): Promise<ProbeAnswer> {
  const begin = clock.monotonic();
  const took = () => formatDuration(Math.max(1, Math.round(clock.monotonic() - begin)));
  try {
    const { healthy, detail } = await look();
    return { healthy, detail: oneLine(`${detail} (${took()})`) };
  } catch (error) {
    if (signal.aborted) return { healthy: false, detail: `no answer in time (${took()})` };
    return { healthy: false, detail: oneLine(`${error instanceof Error ? reasonOf(error) : error} (${took()})`) };
  }
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: "connection refused",
  ECONNRESET: "connection reset",
  EHOSTUNREACH: "host unreachable",
  ENETUNREACH: "network unreachable",
  ENOTFOUND: "name not found",
  EAI_AGAIN: "the name server does not answer",
  ETIMEDOUT: "connecting timed out",
};

function reasonOf(error: Error & { readonly code?: unknown }): string {
  return reasons[String(error.code)] ?? error.message;
}

/** What a service says is kept as evidence, but never as more than one line. */
function oneLine(text: string): string {
  return text.replace(/\s+/g, " ").trim();
}
