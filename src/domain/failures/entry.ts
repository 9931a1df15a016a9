/** One line of the catalogue of failures. */
export interface Entry<Details> {
  /** One sentence: what is wrong and where (file:line:column, object, host). */
  readonly sentence: (details: Details) => string;
  /** One sentence: what to do next. */
  readonly remedy: (details: Details) => string;
  readonly exitCode: number;
  readonly passing: boolean;
}

/** Exit codes of the command line; documented in docs/reference/exit-codes.md. */
export const exitCodes = {
  done: 0,
  failed: 1,
  usage: 2,
  "update-available": 3,
  config: 4,
  unreachable: 5,
  "no-agent": 6,
  "rolled-back": 7,
  halted: 8,
  "not-now": 75,
  interrupted: 130,
} as const;

/** A failure that stays until somebody changes something. */
export function lasting<Details>(
  sentence: (details: Details) => string,
  remedy: (details: Details) => string,
  exit: keyof typeof exitCodes = "failed",
): Entry<Details> {
  return { sentence, remedy, exitCode: exitCodes[exit], passing: false };
}

/** A failure that may be gone at the next try. */
export function passing<Details>(
  sentence: (details: Details) => string,
  remedy: (details: Details) => string,
  exit: keyof typeof exitCodes = "failed",
): Entry<Details> {
  return { sentence, remedy, exitCode: exitCodes[exit], passing: true };
}
