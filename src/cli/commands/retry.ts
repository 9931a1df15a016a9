import { carryOut } from "../carry-out.ts";
import { defineCommand, oneService } from "../command.ts";

export const retry = defineCommand({
  name: "retry",
  summary: "Forget that a release went bad here, and try it again at once.",
  details: "A release that went bad is left alone until the artifact changes or somebody says this.",
  operands: [oneService],
  examples: [["dropship retry web", "the cause is gone: try again"]],
  json: "as dropship update",
  run: (context, { operands: { service = "" } }) =>
    carryOut(context, service, (operations, onEvent) => operations.retry(service, onEvent)),
});
