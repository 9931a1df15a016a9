import { carryOut } from "../carry-out.ts";
import { defineCommand, oneService } from "../command.ts";

export const pin = defineCommand({
  name: "pin",
  summary: "Hold a service on a release: the one that runs, or the one that is named.",
  details: "A pinned service is not updated until dropship unpin.",
  operands: [oneService, { name: "release", required: false }],
  examples: [
    ["dropship pin web", "stay on what runs"],
    ["dropship pin web 1.4.2", "go to a release that is on disk, and stay there"],
  ],
  json: "as dropship update",
  run: (context, { operands: { service = "", release } }) =>
    carryOut(context, service, async (operations, onEvent) => {
      const attempt = await operations.pin(service, release, onEvent);
      if (attempt !== undefined) return [attempt];
      if (!context.screen.json) context.screen.print(`${service}: pinned to what runs.`);
      return [];
    }),
});
