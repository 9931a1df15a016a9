import { carryOut } from "../carry-out.ts";
import { defineCommand, someService } from "../command.ts";

export const update = defineCommand({
  name: "update",
  summary: "Check now and install what is new, without waiting for the next check.",
  details:
    "It follows the update to its end. Ctrl-C leaves a running agent to it. The exit code is 7 when an update went bad and was rolled back, 1 when it was aborted before anything was switched, 75 when it was put off.",
  operands: [someService],
  examples: [
    ["dropship update", "all services"],
    ["dropship update web", "one service"],
    ["dropship update web --json", "each event on a line of its own"],
  ],
  json: 'one event per line ({ "type": "state" | "progress" | "evidence", "service", … }), then { "type": "result", "results": [attempt or report, …] }',
  run: (context, { operands: { service } }) =>
    carryOut(context, service, (operations, onEvent) => operations.update(service, onEvent)),
});
