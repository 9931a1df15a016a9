import { clipText } from "../../domain/text-width.ts";
import type { Screen } from "../screen.ts";
import { progressBar, type Sample, withSample } from "./progress-bar.ts";

/** Shows how far something large has come. */
export interface Transfer {
  /** `step`: "uploading"; bytes. */
  advance(step: string, done: number, total: number): void;
  /** Takes away what is only drawn for the moment. */
  end(): void;
}

/** A terminal is drawn anew at most so often; milliseconds. */
const redrawInterval = 100;

/** On a terminal a line that lives; in a pipe one line for each step; nothing with `--json` or `--quiet`. */
export function showTransfer(screen: Screen, now: () => number): Transfer {
  let shown = "";
  let samples: readonly Sample[] = [];
  let drawnAt = Number.NEGATIVE_INFINITY;
  const begin = (step: string) => {
    shown = step;
    samples = [];
    drawnAt = Number.NEGATIVE_INFINITY;
    if (!screen.live && !screen.json && !screen.quiet) screen.print(step);
  };
  return {
    advance(step, done, total) {
      if (step !== shown) begin(step);
      samples = withSample(samples, { at: now(), done });
      if (!screen.live || (now() - drawnAt < redrawInterval && done < total)) return;
      drawnAt = now();
      screen.draw(`\r\u001b[K${clipText(`${step}  ${progressBar(samples, total)}`, screen.columns - 1)}`);
    },
    end() {
      if (screen.live && shown !== "") screen.draw("\r\u001b[K");
      shown = "";
    },
  };
}
