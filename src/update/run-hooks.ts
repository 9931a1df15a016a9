import { asFailure, type FailureNote, failure } from "../domain/failures/failure.ts";
import type { HookStage } from "../domain/service.ts";
import type { Hook, HookContext, HookResult } from "../drivers/hooks/hook.ts";
import type { Evidence } from "./evidence.ts";
import { hookFacts } from "./hook-facts.ts";
import { stopping } from "./limits.ts";
import { suspended } from "./machine.ts";
import type { UpdatePorts } from "./ports.ts";
import type { UpdateRecord } from "./record.ts";

/** What the hooks of one stage came to. */
export interface StageResult {
  readonly outcome: "done" | "failed" | "not-now";
  readonly failure?: FailureNote;
  /** Whether a hook that decides ran to its end before the one that failed: then something was changed. */
  readonly touched: boolean;
}

export interface StageOrder {
  readonly stage: HookStage;
  /** "stop": the first hook that fails ends the stage. "go-on": failures are noted only. */
  readonly onFailure: "stop" | "go-on";
}

/**
 * Runs the hooks of one stage in file order. A hook that only announces is started and left to itself: neither its
 * outcome nor the time it takes can hold up the hook after it.
 */
export async function runHooks(
  order: StageOrder,
  update: UpdateRecord,
  ports: UpdatePorts,
  evidence: Evidence,
  signal: AbortSignal,
): Promise<StageResult | typeof suspended> {
  const facts = hookFacts(order.stage, update, ports);
  let touched = false;
  let first: StageResult | undefined;
  for (const hook of ports.hooks[order.stage]) {
    if (!hook.decides) {
      ports.background.start(hook.label, async (cut) => {
        note(evidence, update, hook, await outcomeOf(hook, { ...facts, signal: cut }));
      });
      continue;
    }
    const result = await outcomeOf(hook, { ...facts, signal });
    note(evidence, update, hook, result);
    if (stopping(signal)) return suspended;
    if (result.outcome === "done") {
      touched = true;
      continue;
    }
    first ??= { outcome: result.outcome, failure: reasonOf(hook, result, signal), touched };
    if (order.onFailure === "stop") return first;
    touched = true;
  }
  return first ?? { outcome: "done", touched };
}

async function outcomeOf(hook: Hook, context: HookContext): Promise<HookResult> {
  try {
    return await hook.run(context);
  } catch (thrown) {
    return { outcome: "failed", failure: asFailure(thrown).note, duration: 0 };
  }
}

function note(evidence: Evidence, { state }: UpdateRecord, hook: Hook, result: HookResult): void {
  const text = [result.output?.trimEnd(), result.failure?.sentence].filter(Boolean).join("\n");
  evidence.add(state, hook.label, result.outcome, text);
}

function reasonOf(hook: Hook, result: HookResult, signal: AbortSignal): FailureNote {
  if (signal.aborted) return asFailure(signal.reason).note;
  if (result.outcome === "not-now") return failure("hook-not-now", { hook: hook.label }).note;
  return result.failure ?? failure("hook-refused", { hook: hook.label, reason: "no reason given." }).note;
}
