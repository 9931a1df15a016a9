import { failure } from "../failures/failure.ts";

/**
 * A version as people write it: one to four numbers, then what it comes before ("-rc.1") and what it was built from ("+5").
 * SemVer 2.0.0 where it has three numbers; fewer, more and leading zeros are allowed for the sake of "1.4" and "24.04".
 */
export interface Version {
  /** As it was written. */
  readonly text: string;
  /** In digits without leading zeros: a date with a time is more than a double holds. */
  readonly numbers: readonly string[];
  /** What makes it a pre-release, by its dots; empty: it is none. */
  readonly before: readonly string[];
}

const longest = 64;
const identifiers = "[0-9A-Za-z-]+(?:\\.[0-9A-Za-z-]+)*";
const form = new RegExp(`^(\\d+(?:\\.\\d+){0,3})(?:-(${identifiers}))?(?:\\+${identifiers})?$`);

/** Reads a version. Throws "version-invalid". */
export function parseVersion(text: string): Version {
  const read = readVersion(text);
  if (typeof read === "string") throw failure("version-invalid", { version: text.slice(0, longest), problem: read });
  return read;
}

/** The version, or in words why it is none. */
export function readVersion(text: string): Version | string {
  if (text.length > longest) return `it has more than ${longest} characters`;
  const match = form.exec(text);
  if (match === null) return problemOf(text);
  const numbers = (match[1] ?? "").split(".").map((digits) => digits.replace(/^0+(?=\d)/, ""));
  const before = match[2]?.split(".") ?? [];
  const padded = before.find((identifier) => /^0\d+$/.test(identifier));
  if (padded !== undefined) return `the number ${padded} behind the hyphen has a leading zero`;
  return { text, numbers, before };
}

function problemOf(text: string): string {
  if (text === "") return "it is empty";
  if (/^[vV]\d/.test(text)) return `leave out the "${text[0]}"`;
  const strange = /[^0-9A-Za-z.+-]/u.exec(text)?.[0];
  if (strange !== undefined) return `${JSON.stringify(strange)} may not be in it`;
  if (/^\d+(\.\d+){4}/.test(text)) return "it has more than four numbers";
  if (!/^\d/.test(text)) return "it does not begin with a number";
  return "its parts are not as they must be";
}

/**
 * Below 0: `one` comes first. 0: they are the same version. SemVer 2.0.0, section 11; a missing number is a 0, and what a
 * version was built from does not count.
 */
export function compareVersions(one: Version, other: Version): number {
  for (let place = 0; place < 4; place++) {
    const order = compareNumbers(one.numbers[place] ?? "0", other.numbers[place] ?? "0");
    if (order !== 0) return order;
  }
  // A version comes after all of its pre-releases.
  if (one.before.length === 0 || other.before.length === 0) return other.before.length - one.before.length;
  return compareIdentifiers(one.before, other.before);
}

function compareIdentifiers(one: readonly string[], other: readonly string[]): number {
  for (let place = 0; place < Math.min(one.length, other.length); place++) {
    const order = compareIdentifier(one[place] ?? "", other[place] ?? "");
    if (order !== 0) return order;
  }
  return one.length - other.length;
}

function compareIdentifier(one: string, other: string): number {
  const numbers = [one, other].filter((identifier) => /^\d+$/.test(identifier));
  if (numbers.length === 2) return compareNumbers(one, other);
  if (numbers.length === 1) return numbers[0] === one ? -1 : 1;
  return one < other ? -1 : one > other ? 1 : 0;
}

/** Both in digits without leading zeros. */
function compareNumbers(one: string, other: string): number {
  if (one.length !== other.length) return one.length - other.length;
  return one < other ? -1 : one > other ? 1 : 0;
}

/**
 * The one name of all ways to write a version, "1.4" and "1.4.0+5" alike: what makes it immutable, and its name in the
 * repository. At least three numbers.
 */
export function versionName({ numbers, before }: Version): string {
  const three = [0, 1, 2].map((place) => numbers[place] ?? "0");
  const fourth = numbers[3] === undefined || numbers[3] === "0" ? [] : [numbers[3]];
  return [[...three, ...fourth].join("."), ...(before.length === 0 ? [] : [before.join(".")])].join("-");
}
