import { failure } from "../failures/failure.ts";
import { compareVersions, parseVersion, readVersion, type Version } from "./version.ts";

/** A range of versions: "~> 1.4", or bounds that must all hold: ">= 1.2, < 2". */
export interface Range {
  /** As it was written. */
  readonly text: string;
  readonly bounds: readonly Bound[];
}

type Operator = "~>" | ">=" | ">" | "<=" | "<" | "!=";

interface Bound {
  readonly operator: Operator;
  readonly version: Version;
}

/** What a service follows that names a version: that one, or the highest within a range. */
export type WantedVersion = { readonly exact: Version } | { readonly range: Range };

/** Reads `version = "…"`. Throws "version-invalid" or "range-invalid". */
export function parseWantedVersion(text: string): WantedVersion {
  return /[\s,<>=~!^*|]/.test(text) ? { range: parseRange(text) } : { exact: parseVersion(text) };
}

const longest = 256;

/** Reads a range. Throws "range-invalid". */
export function parseRange(text: string): Range {
  const refuse = (problem: string) => failure("range-invalid", { range: text.slice(0, longest), problem });
  if (text.length > longest) throw refuse(`it has more than ${longest} characters`);
  const bounds = text.split(",").map((part) => readBound(part.trim()));
  const problem = bounds.find((bound) => typeof bound === "string");
  if (problem !== undefined) throw refuse(problem);
  return { text, bounds: bounds.filter((bound) => typeof bound !== "string") };
}

const other: Readonly<Record<string, string>> = {
  "": "a bound begins with ~>, >=, >, <=, < or !=",
  "=": 'write the version alone, without "="',
  "==": 'write the version alone, without "=="',
  "^": 'write "~>" instead of "^"',
  "~": 'write "~>" instead of "~"',
};

/** The bound, or in words why it is none. */
function readBound(text: string): Bound | string {
  if (text === "") return "there is nothing where a bound should be";
  const match = /^(~>|>=|<=|!=|<|>)?\s*([^\s<>=!~].*)$/.exec(text);
  const [, operator, written = ""] = match ?? [];
  if (operator === undefined) return other[/^[^\w\s]*/.exec(text)?.[0] ?? ""] ?? `"${text}" is not a bound`;
  if (/\s/.test(written)) return "there must be a comma between two bounds";
  const version = readVersion(written);
  return typeof version === "string" ? `${written}: ${version}` : { operator: operator as Operator, version };
}

/**
 * Whether the range holds this version. A pre-release only if a bound names one of the same numbers: whoever asked for
 * ">= 1.5.0-rc.1" did not ask for 1.6.0-alpha.
 */
export function satisfies({ bounds }: Range, version: Version): boolean {
  return bounds.every((bound) => holds(bound, version)) && (isFinal(version) || isNamed(bounds, version));
}

function holds({ operator, version: bound }: Bound, version: Version): boolean {
  const order = compareVersions(version, bound);
  switch (operator) {
    case ">=":
      return order >= 0;
    case ">":
      return order > 0;
    case "<=":
      return order <= 0;
    case "<":
      return order < 0;
    case "!=":
      return order !== 0;
    case "~>":
      return order >= 0 && compareVersions(version, ceilingOf(bound)) < 0;
  }
}

/** The last number written may grow: "~> 1.4.2" ends before 1.5, "~> 1.4" before 2, and so does "~> 1". */
function ceilingOf({ text, numbers }: Version): Version {
  const kept = numbers.slice(0, Math.max(1, numbers.length - 1));
  const last = String(BigInt(kept.at(-1) ?? "0") + 1n);
  return { text, numbers: [...kept.slice(0, -1), last], before: [] };
}

function isFinal({ before }: Version): boolean {
  return before.length === 0;
}

function isNamed(bounds: readonly Bound[], version: Version): boolean {
  const release = { ...version, before: [] };
  return bounds.some(
    ({ operator, version: bound }) =>
      operator !== "!=" && !isFinal(bound) && compareVersions({ ...bound, before: [] }, release) === 0,
  );
}

/** One of the versions to choose from. */
export interface Candidate {
  readonly version: string;
  /** Taken back: it is never chosen. */
  readonly yanked?: unknown;
}

/** The highest version within the range; undefined: there is none. Throws "version-invalid" for a candidate that has none. */
export function highestWithin<One extends Candidate>(range: Range, candidates: readonly One[]): One | undefined {
  const fitting = candidates
    .filter(({ yanked }) => yanked === undefined)
    .map((candidate) => ({ candidate, version: parseVersion(candidate.version) }))
    .filter(({ version }) => satisfies(range, version));
  return fitting.reduce<(typeof fitting)[number] | undefined>(
    (best, next) => (best === undefined || compareVersions(next.version, best.version) > 0 ? next : best),
    undefined,
  )?.candidate;
}
