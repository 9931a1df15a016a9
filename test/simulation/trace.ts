import type { Milliseconds } from "../../src/domain/duration.ts";

/** Everything that happened in a run, as one number; and the last of it in words. */
export interface Trace {
  /** `who` did `what`; `detail` tells two of a kind apart. */
  note(who: string, what: string, detail?: string): void;
  /** The same for every run of one seed; another one as soon as anything differs. */
  hash(): string;
  events(): number;
  last(): readonly string[];
}

/** So many lines are kept. */
const kept = 400;

interface Line {
  readonly at: Milliseconds;
  readonly who: string;
  readonly what: string;
  readonly detail: string | undefined;
}

/** `tell`: is given every line as it comes. */
export function createTrace(now: () => Milliseconds, tell?: (line: string) => void): Trace {
  const lines: Line[] = [];
  let high = 0x811c9dc5;
  let low = 0x1000193;
  let events = 0;
  const mix = (text: string) => {
    for (let place = 0; place < text.length; place += 1) {
      const unit = text.charCodeAt(place);
      high = Math.imul(high ^ unit, 0x01000193);
      low = Math.imul(low ^ unit, 0x85ebca6b) + place;
    }
    high ^= high >>> 15;
  };
  return {
    note(who, what, detail) {
      const at = now();
      low = Math.imul(low ^ Math.round(at * 16), 0xc2b2ae35);
      mix(who);
      mix(what);
      if (detail !== undefined) mix(detail);
      const line = { at, who, what, detail };
      lines[events % kept] = line;
      events += 1;
      tell?.(textOf(line));
    },
    hash: () => (high >>> 0).toString(16).padStart(8, "0") + (low >>> 0).toString(16).padStart(8, "0"),
    events: () => events,
    last: () => [...lines.slice(events % kept), ...lines.slice(0, events % kept)].map(textOf),
  };
}

function textOf({ at, who, what, detail }: Line): string {
  return `${(at / 1000).toFixed(3).padStart(12)} s  ${who.padEnd(10)} ${what}${detail === undefined ? "" : `  ${detail}`}`;
}
