import { exitCodes } from "../../domain/failures/entry.ts";
import { Failure, failure } from "../../domain/failures/failure.ts";
import { type Command, defineCommand, type Given, someService } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { viewOf } from "../fleet-view.ts";
import { groupFlag, operatorVerbs } from "../operator-verbs.ts";
import { durationOf } from "../parse-arguments.ts";
import { renderRollout } from "../render/rollout.ts";
import { showFleets } from "../show-fleets.ts";
import { speakToFleet } from "../speak-to-fleet.ts";
import { watchFleet } from "../watch-fleet.ts";

const day = 24 * 3_600_000;

export const rollout = defineCommand({
  name: "rollout",
  summary: "Show how a release goes through the fleet of a service, and have a say in it.",
  details:
    "It works on any machine that has the configuration and reaches the store where the hosts meet: no agent, no state folder and no root is needed. Without a service it lists all that are coordinated. The exit code is 8 when the rollout is halted. With --watch it ends with 0 when the rollout is complete, 8 when it is halted and 75 when the time is over.",
  operands: [someService],
  verbs: operatorVerbs,
  flags: {
    watch: { summary: "Go on until the rollout is complete or halted; in a pipe, a line for each change." },
    release: {
      summary:
        "With --watch: wait for the rollout of this version, or of the digest that begins so (7 digits or more); the one before does not count.",
      value: "RELEASE",
    },
    timeout: { summary: "With --watch: stop looking after so long. Default: 24h.", value: "DURATION" },
    all: { summary: "Cut no list short." },
    group: groupFlag,
  },
  examples: [
    ["dropship rollout web", "who has the release, who holds a slot, what comes next"],
    ["dropship rollout web --watch", "the same until it is complete or halted"],
    [
      "dropship rollout web --watch --release 3f9c2a71 --timeout 30m",
      "in a pipeline, after the upload of that content",
    ],
    ["dropship rollout halt web --reason 'logins fail'", "no host switches any more, and all refuse the content"],
    ["dropship rollout pause web", "begin nothing new"],
    ["dropship rollout resume web", "go on: what failed so far no longer counts"],
    ["dropship rollout retry web", "forget failures and refusals, and take up what is uploaded"],
    ["dropship rollout limit web 5", "five hosts at a time, until the next rollout begins"],
    ["dropship rollout forget web web-3", "free the slot of a host that is gone for good"],
  ],
  json: '{ "service", "group", "place", "safety", "seq", "summary": { phase, release, plan, halt, said, hosts, slots, done, reverted, failed, aborted, denied, waiting, silent, unreported, running } or absent, "beats", "reports", "running", "next": [{ sentence, remedy }, …], "left" }, one per line with --watch; without a service { "rollouts": [the same, or { service, failure }, …] }; with a verb { "service", "group", "verb", "changed", "before": the record or absent, "after": the record }',
  run: (context, given) => (given.verb === undefined ? show(context, given) : speakToFleet(context, given, given.verb)),
});

async function show(context: CommandContext, given: Given): Promise<number> {
  const { service } = given.operands;
  const { group, release } = given.flags;
  const detail = given.flags["all"] === undefined ? "usual" : "all";
  const watched = given.flags["watch"] !== undefined;
  refuseStrayFlags(given);
  if (service === undefined) return await showFleets(context, group);
  const timeout = durationOf(given, "timeout", day);
  return await context
    .withFleet(service, group, async (desk) => {
      if (watched) return await watchFleet(desk, context, { release, timeout });
      const view = viewOf(desk, await desk.look(), context.now());
      if (context.screen.json) context.screen.printJson(view);
      else context.screen.print(renderRollout(view, context.now(), context.screen, detail));
      return view.summary?.phase === "halted" ? exitCodes.halted : exitCodes.done;
    })
    .catch((thrown: unknown) => {
      throw forgottenService(rollout, service, thrown);
    });
}

/** What would be overlooked: a pipeline must not take "shown" for "complete". */
function refuseStrayFlags({ flags, operands }: Given): void {
  const watched = flags["watch"] !== undefined;
  const stray = ["release", "timeout"].find((name) => flags[name] !== undefined);
  if (stray !== undefined && !watched) throw failure("option-alone", { option: `--${stray}`, needed: "--watch" });
  if (watched && operands["service"] === undefined) {
    throw failure("argument-missing", {
      command: "dropship rollout --watch",
      argument: "service",
      operands: "SERVICE",
    });
  }
}

/** `dropship rollout pause`: no service of that name, so that the service was forgotten. */
function forgottenService({ name, verbs = [] }: Command, word: string, thrown: unknown): unknown {
  const verb = verbs.find((one) => one.name === word);
  if (verb === undefined || !(thrown instanceof Failure) || thrown.code !== "unknown-service") return thrown;
  const operands = verb.operands.map((operand) => operand.name.toUpperCase()).join(" ");
  return failure("argument-missing", { command: `dropship ${name} ${word}`, argument: "service", operands });
}
