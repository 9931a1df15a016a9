/**
 * How a key's folder says which value is the present one: by the name of one empty file, `present.<version>.<the one before>.…`.
 * The value itself stands in `value.<version>`. A version is a random name that is never used again.
 */

/** So many versions stand in a mark, the present one first. Short enough for every file system's names. */
const trailLength = 4;

export interface Mark {
  readonly name: string;
  /** The present version first. All versions that ever were, when they are fewer than `trailLength`. */
  readonly trail: readonly [string, ...string[]];
}

const markPattern = /^present((?:\.[0-9a-f]{32}){1,4})$/;
const valuePattern = /^value\.[0-9a-f]{32}$/;

/** The mark of the version that follows; without one before it, of the first. */
export function markAfter(version: string, before?: Mark): Mark {
  const trail = [version, ...(before?.trail ?? []).slice(0, trailLength - 1)] as const;
  return { name: `present.${trail.join(".")}`, trail };
}

export function marksAmong(names: readonly string[]): readonly Mark[] {
  return names.flatMap((name) => {
    const [first, ...rest] = markPattern.exec(name)?.[1]?.slice(1).split(".") ?? [];
    return first === undefined ? [] : [{ name, trail: [first, ...rest] }];
  });
}

export function valueName(version: string): string {
  return `value.${version}`;
}

export function isValueName(name: string): boolean {
  return valuePattern.test(name);
}

/**
 * What became of the step from one version to the next, by the mark that was there after the step was said not to have been
 * possible. That word alone is no proof: a server of NFS may have done it and lost the answer, and find nothing to do when it is
 * asked again.
 */
export function fateOf(
  next: string,
  from: string | undefined,
  present: Mark | undefined,
): "done" | "missed" | "unknown" {
  if (present === undefined) return "unknown";
  if (present.trail.includes(next)) return "done";
  const known = present.trail.length < trailLength || (from !== undefined && present.trail.includes(from));
  return known ? "missed" : "unknown";
}
