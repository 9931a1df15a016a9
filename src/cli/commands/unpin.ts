import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand, oneService } from "../command.ts";

export const unpin = defineCommand({
  name: "unpin",
  summary: "Let a pinned service follow its artifact again.",
  operands: [oneService],
  examples: [["dropship unpin web", "follow the artifact again"]],
  json: '{ "done": "unpin", "service" }',
  async run({ screen, withOperations }, { operands: { service = "" } }) {
    await withOperations((operations) => operations.unpin(service));
    if (screen.json) screen.printJson({ done: "unpin", service: service ?? null });
    else if (!screen.quiet) screen.print(`${service}: follows its artifact again, from the next check on.`);
    return exitCodes.done;
  },
});
