import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand, someService } from "../command.ts";

export const pause = defineCommand({
  name: "pause",
  summary: "Leave a service, or all of them, alone: no checks, no updates.",
  operands: [someService],
  examples: [
    ["dropship pause web", "leave one service alone"],
    ["dropship pause", "leave all of them alone"],
  ],
  json: '{ "done": "pause", "service": name or null for all }',
  async run({ screen, withOperations }, { operands: { service } }) {
    await withOperations((operations) => operations.pause(service));
    if (screen.json) screen.printJson({ done: "pause", service: service ?? null });
    else if (!screen.quiet)
      screen.print(
        `${service ?? "all services"}: paused until "dropship resume${service === undefined ? "" : ` ${service}`}".`,
      );
    return exitCodes.done;
  },
});
