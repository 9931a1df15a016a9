import type { Attempt, CheckReport, OnEvent, Operations } from "../agent/operations.ts";
import type { CommandContext } from "./context.ts";
import { exitCodeOf, outcomeLine, reasonLines, wentBad, worstOf } from "./render/outcome.ts";
import { evidenceLines, tellStory } from "./render/story.ts";
import type { Screen } from "./screen.ts";

type Result = Attempt | CheckReport;

/**
 * Lets a long operation run while its story is told, then says how it ended and, where it went bad, what was observed.
 * `service`: the one that was named. Resolves to the exit code.
 */
export async function carryOut(
  context: CommandContext,
  service: string | undefined,
  operation: (operations: Operations, onEvent: OnEvent) => Promise<readonly Result[]>,
  /** What else a person should know of a result that went well. */
  remark: (result: Result) => string | undefined = () => undefined,
): Promise<number> {
  const { screen, now } = context;
  return await context.withOperations(async (operations) => {
    const story = tellStory(screen, now);
    let results: readonly Result[];
    try {
      results = await operation(operations, story.onEvent);
    } finally {
      story.end();
    }
    if (screen.json) screen.printJson({ type: "result", results });
    for (const result of screen.json ? [] : results) {
      sayResult(result, screen, remark(result));
      if (wentBad(result) && !screen.quiet)
        await showEvidence(result, operations, screen, story.showed(result.service));
    }
    return worstOf(results.map((result) => exitCodeOf(result, service !== undefined)));
  });
}

function sayResult(result: Result, screen: Screen, remark: string | undefined): void {
  screen.print(outcomeLine(result, screen));
  for (const line of reasonLines(result, screen)) screen.print(line);
  if (remark !== undefined && !screen.quiet) screen.print(`  ${remark}`);
}

/** Where all of the evidence is; and what went wrong, unless it was shown while it happened. */
async function showEvidence(
  { service, id }: Attempt,
  operations: Operations,
  screen: Screen,
  wasShown: boolean,
): Promise<void> {
  // The story is over: that evidence cannot be had must not hide how it ended.
  const evidence = wasShown ? undefined : await operations.evidence(service, id).catch(() => undefined);
  const bad = evidence?.lines.filter(({ outcome }) => outcome !== "done" && outcome !== "healthy") ?? [];
  for (const line of bad.slice(-5).flatMap((one) => evidenceLines(one, screen))) screen.print(line);
  screen.print(`  all that was observed: dropship logs ${service}`);
}
