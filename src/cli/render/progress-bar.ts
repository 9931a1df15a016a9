import { formatSize } from "../../domain/size.ts";
import { formatPeriod } from "./time.ts";

/** How much was done at a moment; milliseconds and bytes. */
export interface Sample {
  readonly at: number;
  readonly done: number;
}

/** Speed is what was done lately: over this time, at most. */
const window = 5000;

/** The samples with one more; what is too old to matter is dropped, but never the last two. */
export function withSample(samples: readonly Sample[], next: Sample): readonly Sample[] {
  // less than before: the download began anew
  const last = samples.at(-1);
  if (last !== undefined && next.done < last.done) return [next];
  const recent = samples.filter(({ at }, index) => next.at - at <= window || index === samples.length - 1);
  return [...recent, next].slice(-200);
}

/** Bytes a second; `undefined` until it can be said. */
export function speedOf(samples: readonly Sample[]): number | undefined {
  const [first] = samples;
  const last = samples.at(-1);
  if (first === undefined || last === undefined || last.at - first.at < 200) return undefined;
  return ((last.done - first.done) / (last.at - first.at)) * 1000;
}

/** A share from 0 to 1 in so many columns. */
export function drawBar(share: number, width: number): string {
  const filled = Math.floor(share * width);
  return "█".repeat(filled) + "░".repeat(width - filled);
}

/** `[████████░░░░░░░░]  50%  5.0 MiB of 10.0 MiB  2.0 MiB/s  2.5s left`, or what of it is known. */
export function progressBar(samples: readonly Sample[], total: number | undefined, width = 20): string {
  const done = samples.at(-1)?.done ?? 0;
  const speed = speedOf(samples);
  const shownSpeed = speed === undefined || speed <= 0 ? [] : [`${formatSize(speed)}/s`];
  if (total === undefined || total <= 0) return [formatSize(done), ...shownSpeed].join("  ");
  const share = Math.min(1, done / total);
  const bar = `[${drawBar(share, width)}]`;
  const percent = `${String(Math.floor(share * 100)).padStart(3)}%`;
  const left =
    speed === undefined || speed <= 0 || done >= total ? [] : [`${formatPeriod(((total - done) / speed) * 1000)} left`];
  return [bar, percent, `${formatSize(done)} of ${formatSize(total)}`, ...shownSpeed, ...left].join("  ");
}
