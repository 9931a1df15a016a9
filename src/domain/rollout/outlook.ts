import { shellWord } from "../shell-word.ts";
import type { Prospect } from "./prospect.ts";
import type { RolloutRecord } from "./record.ts";
import { counted, formatCount, someNames } from "./some-names.ts";
import { type HeldSlotSummary, type RolloutSummary, stillTaking } from "./summary.ts";
import type { Waiting } from "./waiting.ts";

/** What comes next, and what a person can do about it. */
export interface NextStep {
  /** One sentence. */
  readonly sentence: string;
  /** One sentence or two; undefined: there is nothing to do. */
  readonly remedy?: string;
}

export interface OutlookQuestion {
  /** What stands behind "dropship logs": the service, as a shell wants it. */
  readonly service: string;
  /** What stands behind "dropship rollout resume": the service, and its group where that must be said. */
  readonly target: string;
  readonly record: RolloutRecord;
  readonly summary: RolloutSummary;
  readonly prospect: Prospect;
}

/** What needs a person first, then what goes on by itself. */
export function outlookOf(question: OutlookQuestion): readonly NextStep[] {
  const { record, summary } = question;
  const stuck = summary.slots.filter(({ state }) => state === "lost" || state === "broken");
  return [
    ...(record.phase === "halted" ? haltSteps(question) : []),
    ...(record.phase === "paused" ? [pauseStep(question)] : []),
    ...(record.halt?.why === "lost" ? [] : stuckSteps(question, stuck)),
    ...troubleSteps(summary),
    ...(record.phase === "canary" || record.phase === "rolling" ? courseSteps(question) : []),
    ...(record.phase === "complete" ? [completeStep(question)] : []),
  ];
}

function haltSteps(question: OutlookQuestion): readonly NextStep[] {
  const { record, summary, target } = question;
  const { halt, plan } = record;
  if (halt === undefined) return [];
  const { sentence, remedy } = haltWords[halt.why](question);
  const back: NextStep = {
    sentence: `Hosts that have it go back, ${formatCount(plan.limit)} at a time: ${formatCount(summary.reverted.count)} did, ${counted(summary.done.count, "host")} still ${summary.done.count === 1 ? "has" : "have"} it.`,
  };
  const walksBack = plan.onHalt === "revert" && summary.done.count + summary.reverted.count > 0;
  return [{ sentence, remedy: remedy ?? mendOr(target) }, ...(walksBack ? [back] : [])];
}

function mendOr(target: string): string {
  return `Upload a mended release; if this one is good, say "dropship rollout resume ${target}".`;
}

type HaltWhy = NonNullable<RolloutRecord["halt"]>["why"];

const haltWords: Readonly<Record<HaltWhy, (question: OutlookQuestion) => NextStep>> = {
  failures: ({ service, target, summary }) => ({
    sentence: "Nothing switches any more, and every host refuses this content.",
    remedy: `"dropship logs ${service}" on ${summary.failed.at(-1)?.host ?? "the host that failed"} shows the evidence. ${mendOr(target)}`,
  }),
  broken: ({ service, target, summary }) => ({
    sentence: "Nothing switches any more: a host could not go back, and its service may be down.",
    remedy: `Look after ${brokenHost(summary)} first: "dropship logs ${service}" there. ${mendOr(target)}`,
  }),
  lost: ({ target, summary }) => {
    const host = summary.slots.find(({ state }) => state === "lost")?.host;
    if (host === undefined) return { sentence: "Nothing switches any more: a host was lost in its update." };
    return {
      sentence: `Nothing switches any more; it goes on by itself when ${host} is back and reports.`,
      remedy: `If it is gone for good, say "dropship rollout forget ${target} ${shellWord(host)}", then "dropship rollout resume ${target}".`,
    };
  },
  aborts: ({ target, summary }) => ({
    sentence: `Nothing switches any more: ${someNames(summary.aborted)} gave up before the switch; nothing is said against the content.`,
    remedy: `Mend what kept them from it, then say "dropship rollout resume ${target}".`,
  }),
  operator: () => ({ sentence: "Nothing switches any more, and every host refuses this content." }),
};

function brokenHost({ slots }: RolloutSummary): string {
  return slots.find(({ state }) => state === "broken")?.host ?? "that host";
}

function pauseStep({ summary, target }: OutlookQuestion): NextStep {
  const open = summary.slots.filter(({ state }) => state === "updating" || state === "switching");
  const ending = open.length === 0 ? "" : `; ${someNames(open.map(({ host }) => host))} may end what was switched`;
  return {
    sentence: `Nothing new begins${ending}.`,
    remedy: `"dropship rollout resume ${target}" lets it go on.`,
  };
}

/** Of slots that no time frees, so many are spelled out. */
const spelledOut = 3;

function stuckSteps({ target, service }: OutlookQuestion, stuck: readonly HeldSlotSummary[]): readonly NextStep[] {
  return stuck.slice(0, spelledOut).map(({ host, state }) => {
    const forget = `if it is gone for good, say "dropship rollout forget ${target} ${shellWord(host)}"`;
    return state === "lost"
      ? { sentence: `${host} gives no sign of life, and its slot stays taken.`, remedy: `Bring it back; ${forget}.` }
      : {
          sentence: `${host} could not go back, and its slot stays taken.`,
          remedy: `Mend it ("dropship logs ${service}" there, then "dropship rollback ${service}"); ${forget}.`,
        };
  });
}

/** What waiting hosts say that the others' progress does not end. */
const troubling: readonly Waiting["why"][] = ["not-mine", "record-vanished", "store", "outdated", "window"];

function troubleSteps({ waiting }: RolloutSummary): readonly NextStep[] {
  return troubling.flatMap((why) => {
    const those = waiting.filter((one) => one.waiting.why === why);
    const [first] = those;
    if (first === undefined) return [];
    const { sentence, remedy } = first.waiting;
    const hosts = someNames(those.map(({ host }) => host));
    return [{ sentence: `${hosts}: ${sentence}`, ...(remedy !== undefined && { remedy }) }];
  });
}

function courseSteps(question: OutlookQuestion): readonly NextStep[] {
  const { record, summary, prospect } = question;
  const { plan, ok } = record;
  const left = Math.max(0, summary.hosts - ok.count);
  const coming = prospect.question.hosts.length;
  const course =
    record.phase === "canary"
      ? `The canaries prove the release: ${ok.count} of ${plan.canary} well. Then the others follow, ${formatCount(plan.limit)} at a time.`
      : `${counted(left, "host")} ${left === 1 ? "is" : "are"} still to come, ${formatCount(plan.limit)} at a time.`;
  return [...refusingSteps(question), ...(coming < left ? silentSteps(question) : []), { sentence: course }];
}

function refusingSteps({ service, target, prospect }: OutlookQuestion): readonly NextStep[] {
  const { refusing } = prospect;
  if (refusing.length === 0) return [];
  return [
    {
      sentence: `${someNames(refusing)} ${refusing.length === 1 ? "leaves" : "leave"} this content alone, for it went bad there.`,
      remedy: `When the cause is gone, say "dropship retry ${service}" there, or "dropship rollout retry ${target}" for all.`,
    },
  ];
}

/** They are counted in, and the rollout is not complete without them. */
function silentSteps({ target, summary }: OutlookQuestion): readonly NextStep[] {
  const silent = silentWithout(summary);
  if (silent.length === 0) return [];
  const [first = ""] = silent;
  return [
    {
      sentence: `${someNames(silent)} ${silent.length === 1 ? "has" : "have"} not been heard of lately, and may be what keeps it from being complete.`,
      remedy: `Bring ${silent.length === 1 ? "it" : "them"} back; of a host that is gone for good, say "dropship rollout forget ${target} ${shellWord(first)}".`,
    },
  ];
}

function completeStep({ summary, record }: OutlookQuestion): NextStep {
  const taking = stillTaking(summary);
  if (taking.length > 0) {
    const verb = taking.length === 1 ? "takes" : "take";
    return {
      sentence: `As many hosts have it as there were when it began; ${someNames(taking)} ${verb} it, too, ${formatCount(record.plan.limit)} at a time.`,
    };
  }
  const silent = silentWithout(summary);
  const late = silent.length === 0 ? "" : `; ${someNames(silent)} may still take it, once back`;
  return {
    sentence: `As many hosts have it as there were when it began${late}. The next upload begins the next rollout.`,
  };
}

/** Silent hosts that do not have the release, as far as anybody knows. */
function silentWithout({ silent, done }: RolloutSummary): readonly string[] {
  return silent.map(({ host }) => host).filter((host) => !done.hosts.includes(host));
}
