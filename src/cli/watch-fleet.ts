import { stripVTControlCharacters } from "node:util";
import type { FleetDesk } from "../agent/fleet-desk.ts";
import type { Milliseconds } from "../domain/duration.ts";
import { exitCodes } from "../domain/failures/entry.ts";
import { Failure } from "../domain/failures/failure.ts";
import { counted } from "../domain/rollout/some-names.ts";
import { stillTaking } from "../domain/rollout/summary.ts";
import { textWidth } from "../domain/text-width.ts";
import type { CommandContext } from "./context.ts";
import { type RolloutView, viewOf } from "./fleet-view.ts";
import { type Detail, renderRollout } from "./render/rollout.ts";
import { changeLine } from "./render/rollout-line.ts";
import { formatDay } from "./render/time.ts";
import type { Screen } from "./screen.ts";

export interface WatchOptions {
  /** A version, or the beginning of a digest: until its rollout began, no end counts. */
  readonly release: string | undefined;
  readonly timeout: Milliseconds;
}

/**
 * Shows a rollout until it is complete or halted: drawn anew on a terminal, a line for each change in a pipe, a document for
 * each change with `--json`. Resolves to the exit code.
 */
export async function watchFleet(desk: FleetDesk, context: CommandContext, options: WatchOptions): Promise<number> {
  const { screen, now } = context;
  const tell = screen.json ? tellProgram(screen) : screen.live ? tellTerminal(screen, now) : tellPipe(screen, now);
  try {
    let ended: number | undefined;
    for await (const sight of desk.watch(options.timeout)) {
      const view = viewOf(desk, sight, now());
      const code = codeOf(view, options.release);
      // A person sees what hosts say of it, too, before the picture stands.
      const over = code !== undefined && (code === ended || !screen.live);
      tell(view, over);
      if (over) return code;
      ended = code;
    }
    return exitCodes["not-now"];
  } catch (thrown) {
    // Ctrl-C is how one stops looking.
    if (thrown instanceof Failure && thrown.code === "stopped-asking") return thrown.exitCode;
    throw thrown;
  }
}

/** Undefined: it goes on. */
function codeOf({ summary, problem }: RolloutView, release: string | undefined): number | undefined {
  if (summary === undefined || problem !== undefined) return undefined;
  if (release !== undefined && summary.denied.some(({ digest }) => begins(digest, release))) return exitCodes.halted;
  if (release !== undefined && !isNamed(summary.release, release)) return undefined;
  if (summary.phase === "complete" && stillTaking(summary).length === 0) return exitCodes.done;
  return summary.phase === "halted" ? exitCodes.halted : undefined;
}

function isNamed(found: { readonly digest: string; readonly version?: string } | undefined, release: string): boolean {
  return found !== undefined && (found.version === release || begins(found.digest, release));
}

/** A few digits could be a version as well. */
function begins(digest: string, beginning: string): boolean {
  return /^[0-9a-f]{7,64}$/.test(beginning) && digest.startsWith(beginning);
}

type Tell = (view: RolloutView, over: boolean) => void;

function tellProgram(screen: Screen): Tell {
  let seen: string | undefined;
  return (view) => {
    const waiting = view.summary?.waiting.map(({ host, waiting: { why } }) => [host, why]);
    const state = JSON.stringify([view.seq, view.problem, view.running, waiting]);
    if (state !== seen) screen.printJson(view);
    seen = state;
  };
}

function tellPipe(screen: Screen, now: () => number): Tell {
  let said: string | undefined;
  return (view) => {
    const line = changeLine(view);
    if (line !== said) screen.print(`${formatDay(now())}  ${line}`);
    said = line;
  };
}

/** Writes over what it wrote before; a picture that is higher than the window is cut. */
function tellTerminal(screen: Screen, now: () => number): Tell {
  let drawn = 0;
  const hint = ["", screen.paint("dim", "Ctrl-C stops looking; the rollout goes on.")];
  return (view, over) => {
    const picture = (detail: Detail) => renderRollout(view, now(), screen, detail).split("\n");
    const usual = [...picture("usual"), ...(over ? [] : hint)];
    const lines = fitting(rowsOf(usual, screen) < screen.rows ? usual : picture("brief"), screen);
    const up = drawn === 0 ? "" : `\u001b[${drawn}A`;
    screen.draw(`${up}\r${lines.map((line) => `${line}\u001b[K\n`).join("")}\u001b[J`);
    drawn = rowsOf(lines, screen);
  };
}

function fitting(lines: readonly string[], screen: Screen): readonly string[] {
  if (rowsOf(lines, screen) < screen.rows) return lines;
  let rows = 0;
  const shown = lines.findIndex((line) => {
    rows += rowsOf([line], screen);
    return rows > screen.rows - 2;
  });
  const more = counted(lines.length - shown, "more line");
  return [...lines.slice(0, shown), screen.paint("dim", `… ${more}; a higher window shows them`)];
}

function rowsOf(lines: readonly string[], { columns }: Screen): number {
  const each = lines.map((line) => Math.max(1, Math.ceil(textWidth(stripVTControlCharacters(line)) / columns)));
  return each.reduce((sum, rows) => sum + rows, 0);
}
