import type { Attempt, CheckReport, OnEvent, Operations } from "../agent/operations.ts";
import type { CommandContext } from "./context.ts";
import { exitCodeOf, outcomeLine, reasonLines, wentBad, worstOf } from "./render/outcome.ts";
import { evidenceLines, tellStory } from "./render/story.ts";

type Result = Attempt | CheckReport;

/**
 * Lets a long operation run while its story is told, then says how it ended and, where it went bad, what was observed.
 * `service`: the one that was named. Resolves to the exit code.
 */
export async function carryOut(
  context: CommandContext,
  what: string,
  service: string | undefined,
  operation: (operations: Operations, onEvent: OnEvent) => Promise<readonly Result[]>,
): Promise<number> {
  const { screen, now } = context;
  return await context.withOperations(what, async (operations) => {
    const story = tellStory(screen, now);
    let results: readonly Result[];
    try {
      results = await operation(operations, story.onEvent);
    } finally {
      story.end();
    }
    if (screen.json) screen.printJson({ type: "result", results });
    for (const result of screen.json ? [] : results) await sayResult(result, operations, context);
    return worstOf(results.map((result) => exitCodeOf(result, service !== undefined)));
  });
}

async function sayResult(result: Result, operations: Operations, { screen }: CommandContext): Promise<void> {
  screen.print(outcomeLine(result, screen));
  for (const line of reasonLines(result, screen)) screen.print(line);
  if (!wentBad(result) || screen.quiet) return;
  // The story is over: that evidence cannot be had must not hide how it ended.
  const evidence = await operations.evidence(result.service, result.id).catch(() => undefined);
  const bad = evidence?.lines.filter(({ outcome }) => outcome !== "done" && outcome !== "healthy") ?? [];
  const last = bad.slice(-5);
  if (last.length === 0) return;
  screen.print(screen.paint("dim", "  what was observed:"));
  for (const line of last.flatMap((one) => evidenceLines(one, screen))) screen.print(line);
  screen.print(`  all of it: dropship logs ${result.service}`);
}
