import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand } from "../command.ts";

export const reload = defineCommand({
  name: "reload",
  summary: "Let the running agent read its configuration again, and see how that went.",
  details: "SIGHUP does the same without an answer. A configuration with errors changes nothing.",
  examples: [["dropship reload", "after a change of the configuration"]],
  json: '{ "done": "reload", "file", "services": [name, …] }',
  async run({ screen, withAgent }) {
    const { file, services } = await withAgent((operations) => operations.reload());
    const names = services.map(({ name }) => name);
    if (screen.json) screen.printJson({ done: "reload", file, services: names });
    else if (!screen.quiet) screen.print(`The agent follows ${file}: ${names.join(", ") || "no services"}.`);
    return exitCodes.done;
  },
});
