import {
  choice,
  count,
  duration,
  durationFrom,
  name,
  type Option,
  type RawValue,
  type Schema,
  texts,
} from "../domain/options.ts";
import type { RolloutDeclaration } from "../domain/service.ts";

const limitExpected = 'a number of hosts from 1, or a share of the fleet such as "25%"';

/** The count is judged against the largest limit where the place of it can be named. */
function decodeLimit(raw: RawValue): ReturnType<Option<RolloutDeclaration["limit"]>["decode"]> {
  const text = String(raw);
  const share = /^(\d{1,3}(?:\.\d{1,3})?)%$/.exec(text)?.[1];
  if (share !== undefined) {
    const percent = Number(share);
    return percent > 0 && percent <= 100 ? { value: { percent } } : { expected: limitExpected };
  }
  return /^[1-9]\d{0,8}$/.test(text) ? { value: { count: Number(text) } } : { expected: limitExpected };
}

const limit: Option<RolloutDeclaration["limit"]> = {
  type: "number or share",
  decode: decodeLimit,
  summary:
    "How many hosts may be down for an update at a time: a number, or a share of the hosts there are when a rollout begins (rounded up).",
  default: { count: 1 },
  example: '"25%"',
};

/** What a rollout block may hold beside its windows, in a service and in the main file alike. */
export const rolloutOptions = {
  limit,
  canary: count(
    0,
    10_000,
  )({
    summary:
      "So many hosts take a new release, one after another as the limit allows, before all others may; 0: nobody goes first.",
    default: 1,
  }),
  failureBudget: count(
    0,
    10_000,
  )({
    summary: "More failed and lost hosts than this halt the rollout; 0: the first one does.",
    default: 0,
    aliases: ["failure_budget"],
  }),
  abortBudget: count(
    0,
    10_000,
  )({
    summary:
      "More hosts than this that give up before the switch (a full disk, a failing before hook) halt the rollout.",
    default: 1,
    aliases: ["abort_budget"],
  }),
  bake: duration({
    summary: "The bake of the service, said here: how long a host keeps its slot after the release became healthy.",
    example: "5m",
  }),
  group: name({
    summary: "Hosts of one group share one rollout; each group has its own limit, canary and budget.",
    default: "default",
    example: "eu-central",
  }),
  onHalt: choice(["hold", "revert"])({
    summary:
      'What hosts do that took the release before its rollout was halted: "hold" keeps it, "revert" goes back to the one before, under the same limit.',
    default: "hold",
    aliases: ["on_halt"],
  }),
  lostAfter: durationFrom(1000)({
    summary:
      "A host in the middle of an update that gives no sign of life (one each 30 s) for so long counts as lost, which uses up the failure budget.",
    default: 300_000,
    aliases: ["lost_after"],
  }),
} satisfies Schema;

/** What a window of a rollout may hold. */
export const windowOptions = {
  days: texts({
    summary:
      'Days on which the window opens: "mon" to "sun", ranges such as "mon-fri". Default: every day. After midnight it is still the window of the day before.',
    example: '["mon-fri"]',
  }),
  from: name({ summary: "When it opens, by the clock of the zone.", required: true, example: "22:00" }),
  to: name({
    summary: 'When it closes; at or before "from", on the next day. "24:00" is the end of the day.',
    required: true,
    example: "04:00",
  }),
  zone: name({
    summary: "Time zone by its IANA name, or UTC; daylight saving is heeded.",
    required: true,
    example: "Europe/Berlin",
  }),
  overrun: choice(["finish", "stop"])({
    summary:
      'What becomes of an update that is under way when the window closes: "finish" goes on to its end, "stop" gives up what has not switched yet.',
    default: "finish",
  }),
} satisfies Schema;

/** The blocks that a rollout may hold. */
export const rolloutBlocks = ["window"] as const;
