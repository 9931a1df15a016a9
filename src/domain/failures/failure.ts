import { printable } from "../text-width.ts";
import { agentFailures } from "./agent.ts";
import { archiveFailures } from "./archive.ts";
import { commandFailures } from "./command.ts";
import { configFailures } from "./config.ts";
import type { Entry } from "./entry.ts";
import { journalFailures } from "./journal.ts";
import { objectFailures } from "./objects.ts";
import { packingFailures } from "./packing.ts";
import { publishingFailures } from "./publishing.ts";
import { releaseFailures } from "./release.ts";
import { repositoryFailures } from "./repository.ts";
import { rolloutFailures } from "./rollout.ts";
import { trustFailures } from "./trust.ts";
import { updateFailures } from "./update.ts";

/** Every failure that Dropship can tell a person about; docs/reference/errors.md is made from it. */
export const catalogue = {
  ...agentFailures,
  ...archiveFailures,
  ...commandFailures,
  ...configFailures,
  ...journalFailures,
  ...objectFailures,
  ...packingFailures,
  ...publishingFailures,
  ...releaseFailures,
  ...repositoryFailures,
  ...rolloutFailures,
  ...trustFailures,
  ...updateFailures,
};

export type FailureCode = keyof typeof catalogue;
type Details<Code extends FailureCode> = Parameters<(typeof catalogue)[Code]["sentence"]>[0];

/** A failure in a form that can be kept in the journal and sent over the control socket. */
export interface FailureNote {
  readonly code: FailureCode;
  readonly sentence: string;
  readonly remedy: string;
}

/** An error out of the catalogue: told apart by `code`, never by its text. */
export class Failure extends Error {
  readonly code: FailureCode;
  readonly remedy: string;
  /** The exit code of a command that ends with this failure. */
  readonly exitCode: number;
  /** Whether the same thing may work later without anybody changing anything. */
  readonly passing: boolean;

  constructor(code: FailureCode, sentence: string, remedy: string, cause?: unknown) {
    super(sentence, cause === undefined ? undefined : { cause });
    this.name = "Failure";
    this.code = code;
    this.remedy = remedy;
    this.exitCode = catalogue[code].exitCode;
    this.passing = catalogue[code].passing;
  }

  /** What is kept of a failure. */
  get note(): FailureNote {
    return { code: this.code, sentence: this.message, remedy: this.remedy };
  }
}

/**
 * Makes the failure with this code. `details` fill the sentence; `cause` is the error underneath, if any. Details may be what
 * a server or a hook said: sentence and remedy come out as one line each that drives no terminal.
 */
export function failure<Code extends FailureCode>(code: Code, details: Details<Code>, cause?: unknown): Failure {
  const entry: Entry<Details<Code>> = catalogue[code] as unknown as Entry<Details<Code>>;
  return new Failure(code, oneLine(entry.sentence(details)), oneLine(entry.remedy(details)), cause);
}

function oneLine(text: string): string {
  return printable(text.replace(/\s*[\r\n]+\s*/g, " "));
}

/** Turns anything thrown into a `Failure`; what is not in the catalogue becomes "unexpected" and keeps its cause. */
export function asFailure(thrown: unknown): Failure {
  if (thrown instanceof Failure) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return failure("unexpected", { message }, thrown);
}
