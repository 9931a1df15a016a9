import { exitCodes } from "../../domain/failures/entry.ts";
import { type Command, defineCommand } from "../command.ts";
import { completionScript, type Shell, shells } from "../completion-scripts.ts";

/** `all`: every command; completion itself is one of them. */
export function completionCommand(all: () => readonly Command[]): Command {
  return defineCommand({
    name: "completion",
    summary: "Print a script that teaches a shell to complete dropship's commands, options and services.",
    operands: [{ name: "shell", required: true, words: [...shells, "services"] }],
    examples: [
      ["dropship completion bash > /etc/bash_completion.d/dropship", "bash, for every user"],
      ["dropship completion zsh > ~/.zfunc/_dropship", "zsh, with ~/.zfunc in fpath"],
      ["dropship completion fish > ~/.config/fish/completions/dropship.fish", "fish"],
      ["dropship completion services", "the names of the services: what the scripts ask for"],
    ],
    json: '{ "shell", "script" }, or { "services": [name, …] }',
    async run({ screen, load }, { operands: { shell } }) {
      if (shell === "services") {
        const names = (await load()).configuration?.services.map(({ name }) => name) ?? [];
        if (screen.json) screen.printJson({ services: names });
        else if (names.length > 0) screen.print(names.join("\n"));
        return exitCodes.done;
      }
      const script = completionScript(shell as Shell, all());
      if (screen.json) screen.printJson({ shell, script });
      else screen.print(script);
      return exitCodes.done;
    },
  });
}
