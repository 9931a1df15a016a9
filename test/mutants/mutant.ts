/** One way in which the code could be wrong, and what must notice. */
export interface Mutant {
  /** What the broken code does. */
  readonly name: string;
  readonly file: string;
  /** Stands in the file exactly once. */
  readonly from: string;
  readonly to: string;
  /** What must fail on it: arguments of Node. */
  readonly by: readonly string[];
  /** What the failure must say: only then is the mutant caught for the right reason. */
  readonly says: RegExp;
}

/** A test file, or those of its tests whose name matches. */
export function tests(file: string, only?: string): readonly string[] {
  return only === undefined ? [file] : ["--test-name-pattern", only, file];
}

/** A test file with random input: always the same, so that what is caught once is caught again. */
export function randomTests(file: string, only?: string): readonly string[] {
  return ["--import", "./test/mutants/same-seed.ts", ...tests(file, only)];
}

/** The one file with this text broken in it. Throws when it does not apply any more. */
export function broken({ file, from, to }: Pick<Mutant, "file" | "from" | "to">, source: string): string {
  const parts = source.split(from);
  if (parts.length !== 2) throw new Error(`"${from}" stands in ${file} ${parts.length - 1} times, not once`);
  return parts.join(to);
}

export const simulator = "scripts/simulate.ts";

/** So many simulated fleets: what none of them comes to is not found. */
export function simulated(seeds: number): readonly string[] {
  return [simulator, "--seeds", String(seeds), "--workers", "1"];
}
