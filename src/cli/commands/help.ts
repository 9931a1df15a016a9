import { didYouMean } from "../../domain/did-you-mean.ts";
import { exitCodes } from "../../domain/failures/entry.ts";
import { failure } from "../../domain/failures/failure.ts";
import { type Command, defineCommand } from "../command.ts";
import { helpOf } from "../render/help.ts";

/** `others`: every command; help itself is one of them. */
export function helpCommand(others: () => readonly Command[]): Command {
  return defineCommand({
    name: "help",
    summary: "Tell what a command does and takes, or list them all.",
    operands: [{ name: "command", required: false }],
    examples: [
      ["dropship help", "every command in a line"],
      ["dropship help update", "one command"],
    ],
    json: '{ "commands": [{ name, summary, details, operands, flags, examples, json }, …] }',
    async run({ screen }, { operands: { command: word } }) {
      const all = others();
      const found = all.find(({ name }) => name === word);
      if (word !== undefined && found === undefined) {
        const names = all.map(({ name }) => name);
        throw failure("unknown-command", { word, hint: didYouMean(word, names) });
      }
      if (screen.json) screen.printJson({ commands: (found ? [found] : all).map(plainCommand) });
      else screen.print(helpOf(found, all, screen));
      return exitCodes.done;
    },
  });
}

function plainCommand({ name, summary, details, operands, flags, examples, json }: Command) {
  return { name, summary, details, operands, flags, examples, json };
}
