import { allBytes, classAt } from "./glob-class.ts";

/**
 * A pattern of an ignore file, as gitignore(5) and git itself have them. It works on bytes, as git does: pattern and text
 * have one character for each byte of their UTF-8.
 */
export type Glob = readonly Step[] | "matches nothing";

type Wildcard =
  /** `*`: any bytes within one name. */
  | "star"
  /** `**` at the end: any bytes. */
  | "anything"
  /** `**` and the slash after it: nothing, or whole names with their slashes. */
  | "folders";

type Step = { readonly fits: ReadonlySet<number> } | { readonly wildcard: Wildcard };

interface Found {
  readonly step: Step;
  readonly end: number;
}

const slash = 0x2f;

/** Reads a pattern; one that git takes for malformed matches nothing. */
export function compileGlob(pattern: string): Glob {
  const steps: Step[] = [];
  for (let at = 0; at < pattern.length; ) {
    const found = stepAt(pattern, at);
    if (found === undefined) return "matches nothing";
    steps.push(found.step);
    at = found.end;
  }
  return steps;
}

/** Whether the pattern matches the whole text. */
export function globMatches(glob: Glob, text: string): boolean {
  return glob !== "matches nothing" && matchesFrom({ glob, text, tried: new Set() }, 0, 0);
}

interface Attempt {
  readonly glob: readonly Step[];
  readonly text: string;
  /** Each wildcard is tried once at each place, so that no pattern takes for ever. */
  readonly tried: Set<number>;
}

function matchesFrom(attempt: Attempt, from: number, start: number): boolean {
  const { glob, text } = attempt;
  let at = start;
  for (let index = from; index < glob.length; index += 1) {
    const step = glob[index] as Step;
    if ("wildcard" in step) return matchesWildcard(attempt, index, step.wildcard, at);
    if (at === text.length || !step.fits.has(text.charCodeAt(at))) return false;
    at += 1;
  }
  return at === text.length;
}

function matchesWildcard(attempt: Attempt, index: number, wildcard: Wildcard, at: number): boolean {
  const { text, tried } = attempt;
  const key = index * (text.length + 1) + at;
  if (tried.has(key)) return false;
  tried.add(key);
  if (matchesFrom(attempt, index + 1, at)) return true;
  for (let taken = at; taken < text.length; taken += 1) {
    const isSlash = text.charCodeAt(taken) === slash;
    if (wildcard === "star" && isSlash) return false;
    const mayEnd = wildcard !== "folders" || isSlash;
    if (mayEnd && matchesFrom(attempt, index + 1, taken + 1)) return true;
  }
  return false;
}

function stepAt(pattern: string, at: number): Found | undefined {
  switch (pattern[at]) {
    case "*":
      return starsAt(pattern, at);
    case "?":
      return { step: oneOf(allBytes), end: at + 1 };
    case "[": {
      const found = classAt(pattern, at);
      return found && { step: oneOf(found.bytes), end: found.end };
    }
    case "\\":
      return at + 1 < pattern.length ? literal(pattern, at + 1) : undefined;
    default:
      return literal(pattern, at);
  }
}

function literal(pattern: string, at: number): Found {
  return { step: { fits: new Set([pattern.charCodeAt(at)]) }, end: at + 1 };
}

/** Only a slash that is written as one stands for a slash. */
function oneOf(bytes: readonly number[]): Step {
  return { fits: new Set(bytes.filter((byte) => byte !== slash)) };
}

/** Two stars or more count as `**` only where they are a whole name; else they are a `*`. */
function starsAt(pattern: string, at: number): Found {
  let end = at;
  while (pattern[end] === "*") end += 1;
  const begins = at === 0 || pattern[at - 1] === "/";
  if (end - at === 1 || !begins) return { step: { wildcard: "star" }, end };
  if (pattern[end] === "/") return { step: { wildcard: "folders" }, end: end + 1 };
  const ends = end === pattern.length || pattern.startsWith("\\/", end);
  return { step: { wildcard: ends ? "anything" : "star" }, end };
}
