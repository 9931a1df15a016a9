import { parseArgs } from "node:util";
import { didYouMean, nearest } from "../domain/did-you-mean.ts";
import { type Milliseconds, parseDuration } from "../domain/duration.ts";
import { failure } from "../domain/failures/failure.ts";
import { type Command, type Flag, type Given, globalFlags, type Operand, shortFlags, type Verb } from "./command.ts";

/** What was typed: a command and what stands around it. No command: `dropship` alone, or with global flags only. */
export interface Parsed extends Given {
  readonly command: Command | undefined;
}

/** Reads the words behind `dropship`. Fails with a failure of the usage kind that names the word and what may be meant. */
export function parseArguments(words: readonly string[], commands: readonly Command[]): Parsed {
  const word = firstWord(words);
  const command = word === undefined ? undefined : findCommand(word, commands);
  const tokens = tokensOf(words, { ...globalFlags, ...verbFlags(command), ...command?.flags });
  const rest = tokens.flatMap((token) => (token.kind === "positional" ? [token.value] : [])).slice(1);
  const verb = verbIn(command, rest);
  const title = ["dropship", command?.name, verb?.name].filter((word) => word !== undefined).join(" ");
  const known = { ...globalFlags, ...(verb ?? command)?.flags };
  const flags: Record<string, string | undefined> = {};
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const { name, rawName, value } = token;
    const flag = Object.hasOwn(known, name) ? known[name] : undefined;
    if (flag === undefined) throw unknownFlag(title, rawName, known);
    flags[name] = flagValue(title, rawName, flag, value);
  }
  if (command === undefined) return { command, operands: {}, flags };
  const given = verb === undefined ? rest : rest.slice(1);
  const operands = flags["help"] === undefined ? operandsOf(title, verb ?? command, given) : {};
  return { command, operands, flags, ...(verb && { verb: verb.name }) };
}

function verbFlags(command: Command | undefined): Command["flags"] {
  return Object.assign({}, ...(command?.verbs ?? []).map(({ flags }) => flags));
}

/** The first word behind the command, where another follows it. */
function verbIn(command: Command | undefined, words: readonly string[]): Verb | undefined {
  const { name = "", operands = [], verbs = [] } = command ?? {};
  const [word, second] = words;
  if (verbs.length === 0 || word === undefined || second === undefined) return undefined;
  const found = verbs.find((verb) => verb.name === word);
  if (found !== undefined || operands.length > 1) return found;
  const known = verbs.map((verb) => verb.name);
  const swapped = known.includes(second) && `; did you mean "dropship ${name} ${second} ${word}"?`;
  const hint = swapped || didYouMean(word, known);
  throw failure("unknown-verb", { command: `dropship ${name}`, word, hint, known: known.join(", ") });
}

/** The tokens of all words; what is not known is left for us to judge. */
function tokensOf(words: readonly string[], known: Readonly<Record<string, Flag>>) {
  const options = Object.fromEntries(
    Object.entries(known).map(([name, { value }]) => {
      const short = Object.entries(shortFlags).find(([, long]) => long === name)?.[0];
      return [
        name,
        { type: value === undefined ? ("boolean" as const) : ("string" as const), ...(short && { short }) },
      ];
    }),
  );
  return parseArgs({ args: [...words], options, strict: false, allowPositionals: true, tokens: true }).tokens;
}

function firstWord(words: readonly string[]): string | undefined {
  return tokensOf(words, globalFlags).find((token) => token.kind === "positional")?.value;
}

function findCommand(word: string, commands: readonly Command[]): Command {
  const found = commands.find(({ name }) => name === word);
  if (found) return found;
  const hint = didYouMean(
    word,
    commands.map(({ name }) => name),
  );
  throw failure("unknown-command", { word, hint });
}

function unknownFlag(command: string, option: string, known: Readonly<Record<string, Flag>>) {
  const meant = nearest(option.replace(/^-+/, ""), Object.keys(known));
  return failure("unknown-option", { command, option, hint: meant ? `; did you mean "--${meant}"?` : "" });
}

function flagValue(command: string, option: string, flag: Flag, value: string | undefined): string {
  if (flag.value === undefined) {
    if (value !== undefined) throw failure("option-with-value", { command, option });
    return "";
  }
  // "--config --json": the value was forgotten
  if (value === undefined || value === "" || (value.startsWith("-") && value.length > 1)) {
    throw failure("option-without-value", { command, option, value: flag.value });
  }
  return value;
}

function operandsOf(
  title: string,
  { operands }: { readonly operands: readonly Operand[] },
  words: readonly string[],
): Given["operands"] {
  const surplus = words[operands.length];
  if (surplus !== undefined) throw failure("argument-surplus", { command: title, word: surplus });
  const needed = operands.filter(({ required }) => required).map(({ name }) => name.toUpperCase());
  const entries = operands.map(({ name, required, words: known }, at) => {
    const word = words[at];
    if (required && (word === undefined || word === "")) {
      throw failure("argument-missing", { command: title, argument: name, operands: needed.join(" ") });
    }
    if (word !== undefined && known && !known.includes(word)) {
      throw failure("argument-unknown", {
        argument: name,
        word,
        hint: didYouMean(word, known),
        known: known.join(", "),
      });
    }
    return [name, word === "" ? undefined : word] as const;
  });
  return Object.fromEntries(entries);
}

/** A whole number that was given with a flag. */
export function numberOf(
  { flags }: Given,
  name: string,
  { otherwise, lowest, highest }: { readonly otherwise: number; readonly lowest: number; readonly highest: number },
): number {
  const given = flags[name];
  if (given === undefined) return otherwise;
  const value = /^\d{1,9}$/.test(given) ? Number(given) : Number.NaN;
  if (value >= lowest && value <= highest) return value;
  throw failure("option-not-a-number", { option: `--${name}`, given, lowest, highest });
}

/** A duration that was given with a flag. */
export function durationOf({ flags }: Given, name: string, otherwise: Milliseconds): Milliseconds {
  const given = flags[name];
  if (given === undefined) return otherwise;
  const duration = parseDuration(given);
  if (duration !== undefined && duration > 0) return duration;
  throw failure("option-not-a-duration", { option: `--${name}`, given });
}
