import type { CommandContext } from "./context.ts";

/** `--limit N`; a flag without `value` is there or not. */
export interface Flag {
  readonly summary: string;
  readonly value?: string;
  /** Files are completed for it. */
  readonly isFile?: boolean;
}

/** What stands behind a command without dashes. */
export interface Operand {
  /** In small letters: "service". */
  readonly name: string;
  readonly required: boolean;
  /** What it may be, where that is a closed list; also what a shell completes. */
  readonly words?: readonly string[];
  /** Files are completed for it. */
  readonly isFile?: boolean;
}

/** One of several things that a command does, told apart by the word behind it: `dropship rollout pause SERVICE`. */
export interface Verb {
  readonly name: string;
  readonly summary: string;
  readonly operands: readonly Operand[];
  readonly flags: Readonly<Record<string, Flag>>;
}

export interface Given {
  /** Undefined: none was given, or the command has none. */
  readonly verb?: string;
  /** By the operand's name. */
  readonly operands: Readonly<Record<string, string | undefined>>;
  /** By the flag's name; a flag without value is "". */
  readonly flags: Readonly<Record<string, string | undefined>>;
}

/** One verb of the command line; help, completion and the reference page are made from it. */
export interface Command {
  /** The word that a person types; also the name of the file. */
  readonly name: string;
  readonly summary: string;
  readonly details?: string;
  readonly operands: readonly Operand[];
  /** A word is a verb only where something follows it: alone it may be the name of a service. */
  readonly verbs?: readonly Verb[];
  /** Without a verb. */
  readonly flags: Readonly<Record<string, Flag>>;
  readonly examples: readonly (readonly [command: string, does: string])[];
  /** The shape of what `--json` prints; scripts rely on it. */
  readonly json: string;
  /** Resolves to the exit code; every failure is thrown. */
  readonly run: (context: CommandContext, given: Given) => Promise<number>;
}

/** Fills in what most commands do not have. */
export function defineCommand(
  command: Omit<Command, "operands" | "flags"> & Partial<Pick<Command, "operands" | "flags">>,
): Command {
  return { operands: [], flags: {}, ...command };
}

/** The operand that most commands have. */
export const oneService: Operand = { name: "service", required: true };
export const someService: Operand = { name: "service", required: false };

/** Flags that every command has. */
export const globalFlags: Readonly<Record<string, Flag>> = {
  config: {
    summary: "The main file. Default: $DROPSHIP_CONFIG or /etc/dropship.d/dropship.hcl.",
    value: "FILE",
    isFile: true,
  },
  json: { summary: "Print JSON: one document, or one per line where a command goes on for a while." },
  "no-color": { summary: "Print no colours; so do NO_COLOR and a pipe. FORCE_COLOR overrules a pipe." },
  quiet: { summary: "Print only what was asked for: no progress, no remarks." },
  help: { summary: "Print what a command does and takes." },
};

/** The short forms that people expect. */
export const shortFlags: Readonly<Record<string, string>> = { h: "help", q: "quiet", c: "config" };

/** Each way to write a command: `dropship rollback SERVICE [RELEASE] [--limit N]`. */
export function usagesOf(command: Command): readonly string[] {
  const { name, verbs = [] } = command;
  return [usage(name, command), ...verbs.map((verb) => usage(`${name} ${verb.name}`, verb))];
}

function usage(words: string, { operands, flags }: Pick<Command, "operands" | "flags">): string {
  const shown = operands.map(({ name, required, words: known }) => {
    const word = known && known.length <= 4 ? known.join("|") : name.toUpperCase();
    return required ? word : `[${word}]`;
  });
  const options = Object.entries(flags).map(([name, { value }]) => `[--${name}${value ? ` ${value}` : ""}]`);
  return ["dropship", words, ...shown, ...options].join(" ");
}
