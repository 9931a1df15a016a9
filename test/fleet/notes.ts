import { existsSync, readFileSync } from "node:fs";

/** What a service wrote of itself: when it came up, whether it was healthy, and when it went down. */
export interface Note {
  /** Seconds since 1970. */
  readonly at: number;
  readonly what: "up" | "sick" | "down";
  readonly version: string;
}

export function readNotes(file: string): readonly Note[] {
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, "utf8").split("\n").filter(Boolean);
  return lines.map((line) => {
    const [at, what, version] = line.split(" ");
    if (what !== "up" && what !== "sick" && what !== "down") throw new Error(`a strange note: ${line}`);
    return { at: Number(at), what, version: version ?? "" };
  });
}

export interface Outages {
  /** The most services that were down at a time. */
  readonly most: number;
  readonly count: number;
  /** Seconds, summed over all services. */
  readonly total: number;
}

/**
 * Adds up the outages between `from` and `to` of several services, each by its own notes: from its "down", or its "sick", to
 * its next "up". Before a service was up for the first time it is not missed.
 */
export function outages(services: readonly (readonly Note[])[], from: number, to: number): Outages {
  const spans = services
    .flatMap((notes) => downTimes(notes, to))
    .filter(([start, end]) => end > from && start < to)
    .map(([start, end]) => [Math.max(start, from), Math.min(end, to)] as const);
  const edges = spans.flatMap(([start, end]) => [
    { at: start, change: 1 },
    { at: end, change: -1 },
  ]);
  // Who comes up at the moment at which another goes down was up first.
  edges.sort((one, other) => one.at - other.at || one.change - other.change);
  let [down, most] = [0, 0];
  for (const { change } of edges) {
    down += change;
    most = Math.max(most, down);
  }
  return { most, count: spans.length, total: spans.reduce((sum, [start, end]) => sum + end - start, 0) };
}

function downTimes(notes: readonly Note[], to: number): readonly (readonly [number, number])[] {
  const times: [number, number][] = [];
  const first = notes.findIndex(({ what }) => what === "up");
  let since: number | undefined;
  for (const { at, what } of first < 0 ? [] : notes.slice(first)) {
    if (what !== "up") since ??= at;
    else if (since !== undefined) times.push([since, at]);
    if (what === "up") since = undefined;
  }
  if (since !== undefined) times.push([since, to]);
  return times;
}

/** How many times a service came up with another version than before. */
export function updatesIn(notes: readonly Note[], from: number): number {
  const ups = notes.filter(({ what }) => what === "up");
  return ups.filter(({ at, version }, place) => at >= from && version !== ups[place - 1]?.version).length;
}
