import type { FleetDesk } from "../../agent/fleet-desk.ts";
import { exitCodes } from "../../domain/failures/entry.ts";
import { failure } from "../../domain/failures/failure.ts";
import { forecast, type WorstCase, worstCase } from "../../domain/rollout/forecast.ts";
import { type Prospect, prospectOf } from "../../domain/rollout/prospect.ts";
import { defineCommand, type Given, oneService } from "../command.ts";
import type { CommandContext } from "../context.ts";
import { groupFlag } from "../operator-verbs.ts";
import { numberOf } from "../parse-arguments.ts";
import { type PlanView, renderPlan } from "../render/plan.ts";

export const plan = defineCommand({
  name: "plan",
  summary:
    "Tell how a rollout will go: the order of the hosts, when each begins and ends, and how far a bad release gets.",
  details:
    "It asks the store what the hosts reported; nothing is changed, and no agent is needed. While a rollout is under way it tells of the rest of it. The order is that in which hosts ask: those whose turn is near race for a slot, so neighbours may change places. Each content has an order of its own: before an upload, name its digest (sha256sum web.tar.gz) to see the one that it will have.",
  operands: [oneService],
  flags: {
    digest: { summary: "The SHA-256 of the artifact that is to be uploaded.", value: "SHA256" },
    "if-bad": {
      summary: "How far does it get if it is bad from the N-th host on? Default: the first, the middle and the last.",
      value: "N",
    },
    all: { summary: "List every host." },
    group: groupFlag,
  },
  examples: [
    ["dropship plan web", "what is under way, or the next upload"],
    ["dropship plan web --digest $(sha256sum web.tar.gz | cut -d' ' -f1)", "this upload: who goes first"],
    ["dropship plan web --if-bad 12", "it goes bad on the twelfth host: who has it by then?"],
  ],
  json: '{ "service", "group", "place", "subject": "under-way" | "wanted" | "given" | "next", "phase", "release", "plan", "fleet", "done", "assumed", "total", "hosts": [{ host, start, end, canary, known, holds }, …], "unreached", "silent", "refusing", "ifBad": [{ place, host, haltsAt, onRelease, wentBack, untouched }, …] }; places count from 0, moments are milliseconds from now',
  async run(context, given) {
    const { service = "" } = given.operands;
    return await context.withFleet(service, given.flags["group"], (desk) => tell(desk, context, given));
  },
});

async function tell(desk: FleetDesk, { screen, now }: CommandContext, given: Given): Promise<number> {
  const digest = digestOf(given);
  const { record, reports } = await desk.look();
  const { rollout, bake } = desk.service;
  const prospect = prospectOf({ record, reports, rollout, bake, pace: desk.pace, now: now(), digest });
  const outlook = forecast(prospect.question);
  const begun = outlook.hosts.length;
  if (begun === 0 && outlook.unreached.length === 0 && reports.length === 0) {
    throw failure("nobody-reported", { service: desk.service.name, place: desk.place });
  }
  const view: PlanView = {
    service: desk.service,
    group: desk.group,
    place: desk.place,
    ...(record && { phase: record.phase }),
    prospect,
    forecast: outlook,
    ifBad: placesOf(given, begun).flatMap((place) => worstOf(prospect, place)),
  };
  if (screen.json) screen.printJson(plain(view));
  else screen.print(renderPlan(view, now(), screen, given.flags["all"] !== undefined));
  return exitCodes.done;
}

function digestOf({ flags }: Given): string | undefined {
  const given = flags["digest"]?.toLowerCase();
  if (given === undefined || /^[0-9a-f]{64}$/.test(given)) return given;
  throw failure("digest-unfit", { given });
}

/** From 0; the first, the middle and the last host unless one was named. */
function placesOf(given: Given, hosts: number): readonly number[] {
  if (hosts === 0) return [];
  if (given.flags["if-bad"] === undefined) return [...new Set([0, Math.floor((hosts - 1) / 2), hosts - 1])];
  return [numberOf(given, "if-bad", { otherwise: 1, lowest: 1, highest: hosts }) - 1];
}

function worstOf({ question }: Prospect, place: number): readonly WorstCase[] {
  const found = worstCase(question, place);
  return found === undefined ? [] : [found];
}

function plain({ service, group, place, phase, prospect, forecast: outlook, ifBad }: PlanView) {
  const { question, holders, ...rest } = prospect;
  const held = new Set(holders);
  return {
    service: service.name,
    group,
    place,
    ...(phase && { phase }),
    ...rest,
    done: question.done,
    total: outlook.total,
    hosts: outlook.hosts.map((host) => ({ ...host, ...(held.has(host.host) && { holds: true }) })),
    unreached: outlook.unreached,
    ifBad,
  };
}
