import { carryOut } from "../carry-out.ts";
import { defineCommand, oneService } from "../command.ts";

export const rollback = defineCommand({
  name: "rollback",
  summary: "Go to a release that is on disk: the last good one before this, or the one that is named.",
  details:
    "Nothing is downloaded. The hooks run and the health is checked as in an update. The release that was left is not taken up again by itself, but the next upload is installed: say dropship pin to stay.",
  operands: [oneService, { name: "release", required: false }],
  examples: [
    ["dropship rollback web", "go to the last good release"],
    ["dropship rollback web 1.4.2", "go to a release; the beginning of its name is enough"],
  ],
  json: "as dropship update",
  run: (context, { operands: { service = "", release } }) =>
    carryOut(
      context,
      service,
      async (operations, onEvent) => [await operations.rollback(service, release, onEvent)],
      ({ outcome }) =>
        outcome === "updated" ? `the next upload replaces it, unless it is pinned: dropship pin ${service}` : undefined,
    ),
});
