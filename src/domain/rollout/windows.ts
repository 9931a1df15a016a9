import type { WindowDeclaration } from "../service.ts";
import { instantOf, localTime } from "./zone-time.ts";

/**
 * Windows, judged at a moment given as wall-clock milliseconds. A window belongs to the day on which it opens, also when it
 * ends on the next. When clocks are put forward over its end or beginning, it ends or begins at the jump; one that lies wholly
 * in the missing hour does not open on that day. When they are put back, what happens twice counts the first time.
 */
export type WindowStanding =
  | {
      readonly open: true;
      /** When the last of the windows that follow without a gap closes; undefined: not in sight. */
      readonly closesAt?: number;
      readonly overrun: WindowDeclaration["overrun"];
    }
  | {
      readonly open: false;
      /** Undefined: none opens within `sight`. */
      readonly opensAt?: number;
    };

const day = 24 * 3_600_000;
/** A window of one day in the week that a clock change skips opens 14 days later. */
const sight = 15;

/** Whether updates may begin at `now`, and what comes next. Without windows: always. */
export function standingAt(windows: readonly WindowDeclaration[], now: number): WindowStanding {
  if (windows.length === 0) return { open: true, overrun: "finish" };
  const spans = windows.flatMap((window) => spansAround(window, now));
  const present = lastToClose(spans.filter((span) => holds(span, now)));
  if (present !== undefined) return openUntil(spans, present, now);
  const ahead = spans.map((span) => span.from).filter((from) => from > now);
  return ahead.length === 0 ? { open: false } : { open: false, opensAt: Math.min(...ahead) };
}

/** One opening of a window: `from` included, `to` not. */
interface Span {
  readonly from: number;
  readonly to: number;
  readonly overrun: WindowDeclaration["overrun"];
}

function holds(span: Span, moment: number): boolean {
  return span.from <= moment && moment < span.to;
}

/** Follows windows that overlap or touch, to where the last one closes: its overrun rule counts. */
function openUntil(spans: readonly Span[], first: Span, now: number): WindowStanding {
  let last = first;
  for (;;) {
    const following = lastToClose(spans.filter((span) => span.from <= last.to && last.to < span.to));
    if (following === undefined) break;
    last = following;
  }
  const inSight = last.to < now + (sight - 1) * day;
  return { open: true, overrun: last.overrun, ...(inSight && { closesAt: last.to }) };
}

/** Of two that close at once, the one that gives up work: nobody wrote it for nothing. */
function lastToClose(spans: readonly Span[]): Span | undefined {
  return spans.reduce<Span | undefined>((last, span) => {
    if (last === undefined || span.to > last.to) return span;
    return span.to === last.to && span.overrun === "stop" ? span : last;
  }, undefined);
}

function spansAround(window: WindowDeclaration, now: number): readonly Span[] {
  const { zone, from, to, overrun } = window;
  const today = Math.floor(localTime(now, zone) / day);
  const spans: Span[] = [];
  for (let date = today - 2; date <= today + sight; date += 1) {
    // The first of January 1970 was a Thursday.
    if (!window.days.includes((((date + 4) % 7) + 7) % 7)) continue;
    const length = to > from ? to - from : to - from + 24 * 60;
    const opens = date * day + from * 60_000;
    const span = { from: instantOf(opens, zone), to: instantOf(opens + length * 60_000, zone), overrun };
    if (span.from < span.to) spans.push(span);
  }
  return spans;
}
