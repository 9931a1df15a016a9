import type { FleetDesk } from "../agent/fleet-desk.ts";
import { exitCodes } from "../domain/failures/entry.ts";
import { failure } from "../domain/failures/failure.ts";
import { largestLimit } from "../domain/rollout/record.ts";
import type { Operated, OperatorWord } from "../rollout/operate.ts";
import type { Given } from "./command.ts";
import type { CommandContext } from "./context.ts";
import { targetOf } from "./fleet-view.ts";
import { forgetHost } from "./forget-host.ts";
import { renderOperated } from "./render/operated.ts";

/** Brings the word of an operator to a fleet, and tells what was and what is now. Resolves to the exit code. */
export async function speakToFleet(context: CommandContext, given: Given, verb: string): Promise<number> {
  const { service = "" } = given.operands;
  return await context.withFleet(service, given.flags["group"], async (desk) => {
    const { word, operated } = await say(desk, context, given, verb);
    const { screen, now } = context;
    const { group } = desk;
    if (screen.json) screen.printJson({ service, group, verb, ...operated });
    else if (!screen.quiet)
      screen.print(renderOperated({ target: targetOf(desk), desk, word, operated }, now(), screen));
    return exitCodes.done;
  });
}

async function say(
  desk: FleetDesk,
  { screen, now }: CommandContext,
  given: Given,
  verb: string,
): Promise<{ readonly word: OperatorWord; readonly operated: Operated }> {
  const word = wordOf(given, verb);
  if (word.type !== "forget") return { word, operated: await desk.say(word) };
  const force = given.flags["force"] !== undefined;
  return { word, operated: await forgetHost(desk, word, { force, screen, now }) };
}

function wordOf({ operands, flags }: Given, verb: string): OperatorWord {
  const { host = "", number = "" } = operands;
  const reason = flags["reason"] === undefined ? {} : { reason: flags["reason"] };
  switch (verb) {
    case "halt":
    case "pause":
    case "resume":
    case "retry":
      return { type: verb, ...reason };
    case "limit":
      return { type: "set-limit", limit: limitIn(number), ...reason };
    default:
      return { type: "forget", host, ...reason };
  }
}

function limitIn(text: string): number {
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= largestLimit) return limit;
  throw failure("limit-unfit", { given: text, highest: largestLimit });
}
