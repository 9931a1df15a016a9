import { didYouMean } from "../domain/did-you-mean.ts";
import { type Milliseconds, parseDuration } from "../domain/duration.ts";
import { failure } from "../domain/failures/failure.ts";
import type { Flag, Given, Operand } from "./command.ts";

/** Where an application is published; left out, the configuration says it. */
export const target: Operand = { name: "target", required: false };

const keyFlag: Flag = {
  summary: "The file with the signing key. Default: $DROPSHIP_SIGNING_KEY, a path or the key itself; else unsigned.",
  value: "FILE",
  isFile: true,
};

/** Of every command that writes documents. */
export const writingFlags: Readonly<Record<string, Flag>> = {
  key: keyFlag,
  trust: {
    summary: "Build also upon what this public key has signed, while one key replaces another.",
    value: "FILE",
    isFile: true,
  },
  adopt: { summary: "Build also upon what nobody has signed: once, to begin with signing." },
  expires: {
    summary:
      'Channel and index are taken for so long: 90d, 12h; "never". Default: as long as the ones before; never at first.',
    value: "PERIOD",
  },
  sequence: { summary: "No number below this one: where a repository is begun anew.", value: "N" },
  by: { summary: "Who publishes. Default: $DROPSHIP_PUBLISHER, or your name on this machine.", value: "NAME" },
};

/** Of every command that only looks. */
export const reading: Readonly<Record<string, Flag>> = {
  trust: { summary: "Refuse what this public key has not signed.", value: "FILE", isFile: true },
};

export const highestSequence = 999_999_999;

/** A flag that a command cannot do without. */
export function neededFlag({ flags }: Given, command: string, name: string, value: string): string {
  const given = flags[name];
  if (given !== undefined) return given;
  throw failure("option-missing", { command, option: `--${name}`, value });
}

/** One word of a closed list; the first one if nothing was said. */
export function oneOf<const Word extends string>({ flags }: Given, name: string, words: readonly Word[]): Word {
  const given = flags[name] ?? words[0];
  const found = words.find((word) => word === given);
  if (found !== undefined) return found;
  const details = { argument: name, word: given ?? "", hint: didYouMean(given ?? "", words), known: words.join(", ") };
  throw failure("argument-unknown", details);
}

const day: Milliseconds = 24 * 3_600_000;

/** How long what is written is to be valid. Undefined: nothing was said. */
export function validityOf({ flags }: Given): Milliseconds | undefined {
  const given = flags["expires"];
  if (given === undefined) return undefined;
  if (given === "never") return Number.POSITIVE_INFINITY;
  const days = /^(\d{1,4})d$/.exec(given)?.[1];
  const period = days === undefined ? parseDuration(given) : Number(days) * day;
  if (period !== undefined && period > 0) return period;
  throw failure("option-not-a-duration", { option: "--expires", given });
}
