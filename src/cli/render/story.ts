import type { OnEvent, OperationEvent, Progress } from "../../agent/operations.ts";
import type { Waiting } from "../../domain/rollout/waiting.ts";
import { clipText, printable } from "../../domain/text-width.ts";
import type { EvidenceLine } from "../../update/record.ts";
import type { StateName } from "../../update/states.ts";
import type { Screen } from "../screen.ts";
import { progressBar, type Sample, withSample } from "./progress-bar.ts";
import { formatPeriod } from "./time.ts";
import { stateWords } from "./words.ts";

/** Tells what happens while a long operation runs. */
export interface Story {
  readonly onEvent: OnEvent;
  /** Whether something that went wrong with this service was shown already. */
  showed(service: string): boolean;
  /** Takes away what is only drawn for the moment. */
  end(): void;
}

/** A terminal is drawn anew at most so often. */
const redrawInterval = 100;
/** Of what a hook printed, the last lines. */
const shownLines = 8;

interface Chapter {
  readonly begun: number;
  state: StateName;
  samples: readonly Sample[];
  total: number | undefined;
}

/** With `--json` one event a line; on a terminal a line that lives; in a pipe one line at each change of state. */
export function tellStory(screen: Screen, now: () => number): Story {
  const untold = { showed: () => false, end: () => undefined };
  if (screen.json) return { ...untold, onEvent: (event) => screen.printJson(event) };
  if (screen.quiet) return { ...untold, onEvent: () => undefined };
  return tellPerson(screen, now);
}

function tellPerson(screen: Screen, now: () => number): Story {
  const chapters = new Map<string, Chapter>();
  const shown = new Set<string>();
  let drawn = 0;
  let drawnAt = Number.NEGATIVE_INFINITY;

  const erase = () => {
    if (drawn > 0) screen.draw(`\u001b[${drawn}A\r\u001b[J`);
    drawn = 0;
  };
  const say = (line: string) => {
    erase();
    screen.print(line);
  };
  const redraw = () => {
    if (!screen.live) return;
    erase();
    for (const [service, chapter] of chapters) {
      const bar = chapter.samples.length > 0 ? `  ${progressBar(chapter.samples, chapter.total)}` : " …";
      const line = `${headOf(service, now() - chapter.begun)}${stateWords[chapter.state]}${bar}`;
      screen.print(clipText(line, screen.columns - 1));
      drawn += 1;
    }
    drawnAt = now();
  };
  const enter = (service: string, state: StateName) => {
    const before = chapters.get(service);
    if (screen.live && before) say(closing(service, before, now(), screen));
    if (state === "idle" || state === "finishing") chapters.delete(service);
    else chapters.set(service, { begun: before?.begun ?? now(), state, samples: [], total: undefined });
    const chapter = chapters.get(service);
    if (!screen.live && chapter) say(`${headOf(service, now() - chapter.begun)}${stateWords[state]}`);
    redraw();
  };
  const tell = (service: string, line: EvidenceLine) => {
    if (!isWorthSaying(line)) return;
    shown.add(service);
    for (const told of evidenceLines(line, screen)) say(told);
    redraw();
  };
  const wait = (service: string, { sentence, remedy }: Waiting) => {
    say(`${headOf(service, now() - (chapters.get(service)?.begun ?? now()))}waits: ${printable(sentence)}`);
    if (remedy !== undefined) say(`          ${screen.paint("cyan", "next:")} ${printable(remedy)}`);
    redraw();
  };
  const onEvent = (event: OperationEvent) => {
    if (event.type === "state") {
      enter(event.service, event.state);
    } else if (event.type === "progress") {
      if (chapters.get(event.service)?.state !== event.progress.state) enter(event.service, event.progress.state);
      advance(chapters.get(event.service), event.progress, now());
      if (now() - drawnAt >= redrawInterval) redraw();
    } else if (event.type === "evidence") {
      tell(event.service, event.line);
    } else {
      wait(event.service, event.waiting);
    }
  };
  return { onEvent, showed: (service) => shown.has(service), end: erase };
}

function headOf(service: string, elapsed: number): string {
  return `${formatPeriod(elapsed).padStart(8)}  ${printable(service)}  `;
}

function advance(chapter: Chapter | undefined, { done, total }: Progress, at: number): void {
  if (chapter === undefined) return;
  chapter.samples = withSample(chapter.samples, { at, done });
  chapter.total = total;
}

/** What stays on the terminal of a state that is over. */
function closing(service: string, { begun, state }: Chapter, at: number, { paint }: Screen): string {
  return `${headOf(service, at - begun)}${paint("dim", stateWords[state])}`;
}

/** What went well is told by the states alone. */
function isWorthSaying({ outcome }: EvidenceLine): boolean {
  return outcome !== "done" && outcome !== "healthy";
}

/** What was observed: who says it, how it ended, and the last lines of what it printed. */
export function evidenceLines({ source, outcome, text }: EvidenceLine, { paint, columns }: Screen): readonly string[] {
  const bad = outcome !== "done" && outcome !== "healthy";
  const lines = text.trimEnd() === "" ? [] : text.trimEnd().split("\n");
  const shown = lines
    .slice(-shownLines)
    .map((line) => paint("dim", clipText(`          │ ${printable(line)}`, columns)));
  const skipped = lines.length - shown.length;
  const more = skipped > 0 ? [paint("dim", `          │ … ${skipped} lines before`)] : [];
  return [`          ${printable(source)}: ${paint(bad ? "red" : "green", printable(outcome))}`, ...more, ...shown];
}
