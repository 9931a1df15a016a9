import type { Attempt, CheckReport } from "../../agent/operations.ts";
import { exitCodes } from "../../domain/failures/entry.ts";
import { catalogue } from "../../domain/failures/failure.ts";
import type { UpdateOutcome } from "../../update/record.ts";
import type { Screen, Style } from "../screen.ts";
import { formatPeriod } from "./time.ts";
import { checkWords, isAttempt, outcomeWords, releaseName } from "./words.ts";

/** One result in one line: `web: updated to 1.2-abc (was 1.1-def) in 3.2s, down for 0.4s`. */
export function outcomeLine(result: Attempt | CheckReport, { paint }: Pick<Screen, "paint">): string {
  const name = paint("bold", result.service);
  if (!isAttempt(result)) {
    const [words, style] = checkWords[result.outcome];
    const running = result.running === undefined ? "" : ` (${releaseName(result.running)})`;
    return `${name}: ${paint(style, words)}${running}`;
  }
  const [words, style] = howItEnded(result);
  const took = `in ${formatPeriod(result.endedAt - result.startedAt)}`;
  const down = result.downtime === undefined ? "" : `, down or unproven for ${formatPeriod(result.downtime)}`;
  return `${name}: ${paint(style, words)}${changeOf(result)} ${took}${down}`;
}

/** In the words of what was asked for: an activated release was there before, it is no update. */
export function howItEnded({ outcome, intent }: Attempt): readonly [words: string, style: Style] {
  return outcome === "updated" && intent === "activate" ? ["activated", "green"] : outcomeWords[outcome];
}

function changeOf({ outcome, intent, target, previous }: Attempt): string {
  const to = releaseName(target);
  const from = releaseName(previous);
  switch (outcome) {
    case "updated":
      return `${intent === "activate" ? "" : " to"} ${to}${previous === undefined ? "" : ` (was ${from})`}`;
    case "rolled-back":
      return ` from ${to} to ${from}`;
    case "unchanged":
      return "";
    default:
      return target === undefined ? "" : ` (${to})`;
  }
}

/** Why, and what to do next; nothing when all is well. */
export function reasonLines(result: Attempt | CheckReport, { paint }: Pick<Screen, "paint">): readonly string[] {
  const note = isAttempt(result) ? result.failure : result.reason;
  if (note === undefined) return [];
  return [`  ${note.sentence}`, `  ${paint("cyan", "next:")} ${note.remedy}`];
}

/** Whether somebody should see what was observed. */
export function wentBad(result: Attempt | CheckReport): result is Attempt {
  if (!isAttempt(result)) return false;
  return result.outcome !== "updated" && result.outcome !== "unchanged" && result.outcome !== "superseded";
}

/** Worst last; what is not named here counts as failed. */
const order: readonly number[] = [
  exitCodes.done,
  exitCodes["update-available"],
  exitCodes["not-now"],
  exitCodes.unreachable,
  exitCodes.config,
  exitCodes.failed,
  exitCodes.halted,
  exitCodes["rolled-back"],
];

/** The exit code for all of several results: that of the worst. */
export function worstOf(codes: readonly number[]): number {
  const rank = (code: number) => (order.includes(code) ? order.indexOf(code) : order.indexOf(exitCodes.failed));
  return codes.reduce((worst, code) => (rank(code) > rank(worst) ? code : worst), exitCodes.done);
}

const attemptCodes: Readonly<Record<UpdateOutcome, number>> = {
  updated: exitCodes.done,
  unchanged: exitCodes.done,
  superseded: exitCodes["not-now"],
  postponed: exitCodes["not-now"],
  aborted: exitCodes.failed,
  "rolled-back": exitCodes["rolled-back"],
  withdrawn: exitCodes["rolled-back"],
  broken: exitCodes["rolled-back"],
};

/** What one result of an update means for the exit code. `alone`: it is the service that was named. */
export function exitCodeOf(result: Attempt | CheckReport, alone: boolean): number {
  return isAttempt(result) ? attemptCodes[result.outcome] : reportCode(result, alone);
}

function reportCode({ outcome, reason }: CheckReport, alone: boolean): number {
  switch (outcome) {
    case "up-to-date":
    case "update-available":
      return exitCodes.done;
    case "pinned":
    case "paused":
      // Asked for this one by name, it is news that nothing was done.
      return alone ? exitCodes["not-now"] : exitCodes.done;
    case "refused":
      return alone ? exitCodes.failed : exitCodes.done;
    case "failed":
      return reason !== undefined && Object.hasOwn(catalogue, reason.code)
        ? catalogue[reason.code].exitCode
        : exitCodes.failed;
  }
}
