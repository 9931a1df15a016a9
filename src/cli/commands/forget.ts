import type { FleetDesk } from "../../agent/fleet-desk.ts";
import { didYouMean } from "../../domain/did-you-mean.ts";
import { exitCodes } from "../../domain/failures/entry.ts";
import { asFailure, type Failure, failure } from "../../domain/failures/failure.ts";
import { printable } from "../../domain/text-width.ts";
import type { Operated } from "../../rollout/operate.ts";
import { defineCommand, type Given } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { isCoordinated } from "../fleet-access.ts";
import { targetOf } from "../fleet-view.ts";
import { forgetHost, knownHosts } from "../forget-host.ts";
import { forceFlag, groupFlag, reasonFlag } from "../operator-verbs.ts";
import { renderOperated } from "../render/operated.ts";
import { worstOf } from "../render/outcome.ts";

export const forget = defineCommand({
  name: "forget",
  summary:
    "A host is gone for good: free the slots that it holds, and count it no longer, in every rollout that knows it.",
  details:
    "Say it only of a host that is off, or was rebuilt: one that was merely paused could go on beside its successor. A host that holds a slot is watched for half a minute first, and left alone when it gives a sign of life. The exit code is that of the worst; 75 when a host was left alone.",
  operands: [{ name: "host", required: true }],
  flags: {
    service: { summary: "Only in the rollout of this service. Default: of every coordinated one.", value: "SERVICE" },
    reason: reasonFlag,
    group: groupFlag,
    force: forceFlag,
  },
  examples: [
    ["dropship forget web-3", "in all rollouts of the configuration that know it"],
    ["dropship forget web-3 --service web", "in one of them"],
    ["dropship forget web-3 --reason 'scaled down'", "with the reason, for the others"],
  ],
  json: '{ "host", "rollouts": [{ "service", "outcome": "forgotten" | "nothing" | "unknown" | "failed", "group", "before", "after", "failure" }, …] }',
  run: forgetEverywhere,
});

/** What came of it in one rollout. */
type Answer =
  | {
      readonly service: string;
      readonly outcome: "forgotten" | "nothing";
      readonly desk: FleetDesk;
      readonly operated: Operated;
    }
  | { readonly service: string; readonly outcome: "unknown"; readonly known: ReadonlySet<string> }
  | { readonly service: string; readonly outcome: "failed"; readonly failure: Failure };

async function forgetEverywhere(context: CommandContext, given: Given): Promise<number> {
  const { host = "" } = given.operands;
  const { service } = given.flags;
  const { services, file } = await context.configuration();
  const names = service === undefined ? services.filter(isCoordinated).map(({ name }) => name) : [service];
  if (names.length === 0) throw failure("nothing-coordinated", { file });
  const answers = await Promise.all(names.map((name) => forgetIn(context, name, host, given)));
  const [first] = answers;
  // Of one rollout alone, its failure is that of the command.
  if (answers.length === 1 && first?.outcome === "failed") throw first.failure;
  if (answers.every(({ outcome }) => outcome === "unknown")) throw unknownEverywhere(host, answers);
  tell(context, host, answers);
  return worstOf(answers.map((answer) => (answer.outcome === "failed" ? answer.failure.exitCode : exitCodes.done)));
}

async function forgetIn(context: CommandContext, service: string, host: string, { flags }: Given): Promise<Answer> {
  const { screen, now, withFleet } = context;
  const word = { type: "forget" as const, host, ...(flags["reason"] !== undefined && { reason: flags["reason"] }) };
  try {
    return await withFleet(service, flags["group"], async (desk): Promise<Answer> => {
      const seen = await desk.look();
      const known = knownHosts(seen);
      if (seen.record === undefined || !known.has(host)) return { service, outcome: "unknown", known };
      const operated = await forgetHost(desk, word, { force: flags["force"] !== undefined, screen, now });
      return { service, outcome: operated.changed ? "forgotten" : "nothing", desk, operated };
    });
  } catch (thrown) {
    const met = asFailure(thrown);
    const ends = met.code === "stopped-asking" || met.code === "unexpected" || met.code === "unknown-service";
    if (ends) throw thrown;
    return { service, outcome: "failed", failure: met };
  }
}

function unknownEverywhere(host: string, answers: readonly Answer[]): Failure {
  const known = answers.flatMap((answer) => ("known" in answer ? [...answer.known] : []));
  const services = answers.map(({ service }) => service).join(", ");
  return failure("rollout-host-nowhere", { host, services, hint: didYouMean(host, known) });
}

function tell({ screen, now }: CommandContext, host: string, answers: readonly Answer[]): void {
  if (screen.json) screen.printJson({ host, rollouts: answers.map(plain) });
  for (const answer of screen.json ? [] : answers) {
    if (answer.outcome === "failed") {
      screen.print(`${screen.paint("bold", answer.service)}: ${screen.paint("red", "left as it is")}`);
      screen.print(`  ${answer.failure.message}\n  ${screen.paint("cyan", "next:")} ${answer.failure.remedy}`);
    } else if (answer.outcome === "unknown") {
      screen.print(`${screen.paint("bold", answer.service)}: does not know ${printable(host)}, nothing to do`);
    } else {
      const { desk, operated } = answer;
      const word = { type: "forget" as const, host };
      screen.print(renderOperated({ target: targetOf(desk), desk, word, operated }, now(), screen));
    }
  }
}

function plain(answer: Answer) {
  const { service, outcome } = answer;
  if (answer.outcome === "failed") return { service, outcome, failure: answer.failure.note };
  if (answer.outcome === "unknown") return { service, outcome };
  const { before, after } = answer.operated;
  return { service, outcome, group: answer.desk.group, before, after };
}
