import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand, someService } from "../command.ts";

export const resume = defineCommand({
  name: "resume",
  summary: "Look after a paused service, or all of them, again.",
  operands: [someService],
  examples: [
    ["dropship resume web", "go on with one service"],
    ["dropship resume", "go on with all of them"],
  ],
  json: '{ "done": "resume", "service": name or null for all }',
  async run({ screen, withOperations }, { operands: { service } }) {
    await withOperations((operations) => operations.resume(service));
    if (screen.json) screen.printJson({ done: "resume", service: service ?? null });
    else if (!screen.quiet) screen.print(`${service ?? "all services"}: looked after again.`);
    return exitCodes.done;
  },
});
