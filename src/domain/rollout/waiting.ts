import { formatDuration } from "../duration.ts";
import type { FailureNote } from "../failures/failure.ts";
import { shellWord } from "../shell-word.ts";
import type { Refusal } from "./events.ts";
import type { RolloutRecord } from "./record.ts";
import { slotOf } from "./standing.ts";

/** Why an update waits for its slot; shown by `status` and kept in the host's report. */
export interface Waiting {
  readonly why: WaitingReason;
  /** One sentence for a person. */
  readonly sentence: string;
  /** One sentence: what ends it, if not time. */
  readonly remedy?: string;
}

export type WaitingReason =
  | WaitingRefusal
  /** Outside the rollout's windows. */
  | "window"
  /** The store does not answer, or answers nonsense. */
  | "store"
  /** The record is gone, or older than what this host saw. */
  | "record-vanished";

/** The refusals that an update waits out; the others are answered by another event. */
export type WaitingRefusal = Exclude<Refusal, "other-release" | "no-slot" | "nothing">;

/** What the sentences are filled from. */
export interface WaitingQuestion {
  readonly service: string;
  readonly host: string;
  /** What it waits for. */
  readonly digest: string;
  readonly record: RolloutRecord;
  /** Wall-clock milliseconds. */
  readonly now: number;
}

/** Why a host that was refused waits, said from the record that refused it. */
export function waitingFor(why: WaitingRefusal, question: WaitingQuestion): Waiting {
  return { why, ...sentences[why]({ ...question, service: shellWord(question.service) }) };
}

/** `opensAt` and `now` in wall-clock milliseconds. */
export function waitingForWindow(opensAt: number | undefined, now: number): Waiting {
  if (opensAt === undefined)
    return {
      why: "window",
      sentence: "It is outside of the rollout's windows, and none opens within two weeks.",
      remedy: "Look at the days of the windows in the configuration.",
    };
  const at = new Date(opensAt).toISOString().replace(/\.\d+Z$/, "Z");
  return {
    why: "window",
    sentence: `It is outside of the rollout's windows; the next opens at ${at}, in ${inWords(opensAt - now)}.`,
  };
}

/** The store does not answer, or its record cannot be read. */
export function waitingForStore({ sentence, remedy }: FailureNote): Waiting {
  return { why: "store", sentence, remedy };
}

export function waitingForRecord({ sentence, remedy }: FailureNote): Waiting {
  return { why: "record-vanished", sentence, remedy };
}

type Said = Omit<Waiting, "why">;

const sentences: Readonly<Record<WaitingRefusal, (question: WaitingQuestion) => Said>> = {
  "slots-taken": (question) => {
    const { limit } = question.record.plan;
    const taken = limit === 1 ? "The one slot is taken" : `All ${limit} slots are taken`;
    return { sentence: `${taken}: ${holders(question)}.`, ...ifStuck(question) };
  },
  canary: (question) => {
    const { plan, ok } = question.record;
    const proof = `${ok.count} of ${plan.canary} ${plan.canary === 1 ? "canary" : "canaries"} well`;
    return {
      sentence: `The first hosts still prove the release (${proof}): ${holders(question)}.`,
      ...ifStuck(question),
    };
  },
  halted: (question) => {
    const { halt } = question.record;
    // Only a host that wants to go back is refused so when nothing is halted.
    if (halt === undefined) return { sentence: "The rollout is not halted: there is nothing to go back from." };
    return {
      sentence: `The rollout is halted: ${halted[halt.why]} (${withoutStop(halt.reason)}).`,
      remedy: goOn(question),
    };
  },
  paused: ({ service, record: { said } }) => ({
    sentence:
      said?.event === "pause"
        ? `${said.by} paused the rollout${said.reason === undefined ? "" : ` (${withoutStop(said.reason)})`}.`
        : "An operator paused the rollout.",
    remedy: `Say "dropship rollout resume ${service}" to let it go on.`,
  }),
  denied: ({ record, digest, service }) => {
    const reason = record.denied.find((one) => one.digest === digest)?.reason ?? "it went bad";
    // What is on offer is resumed; what went bad before, an operator takes up anew.
    const verb = record.phase === "halted" && record.release?.digest === digest ? "resume" : "retry";
    return {
      sentence: `The fleet refuses the content ${digest.slice(0, 12)}: ${withoutStop(reason)}.`,
      remedy: `Upload a mended release; if this one is good, say "dropship rollout ${verb} ${service}".`,
    };
  },
  outdated: ({ record, service }) => ({
    sentence: `The fleet is at ${releaseName(record)}, a newer upload than the one that this host sees.`,
    remedy: `Nothing to do if the repository is catching up; to roll out the older one, say "dropship rollout retry ${service}" or upload it again.`,
  }),
  "slots-open": (question) => ({
    sentence: `Hosts are in the middle of ${releaseName(question.record)}, the release before: ${holders(question)}.`,
    ...ifStuck(question),
  }),
  "not-mine": ({ record, host, service }) => ({
    sentence: `Another update holds a slot as "${host}", and this host knows nothing of it (attempt ${slotOf(record, host)?.attempt ?? "unknown"}).`,
    remedy: `If two machines have this name, give each its own (host = "…"); if this one was rebuilt, say "dropship rollout forget ${service} ${shellWord(host)}".`,
  }),
};

const halted: Readonly<Record<NonNullable<RolloutRecord["halt"]>["why"], string>> = {
  failures: "the release failed",
  lost: "a host was lost in the middle of its update",
  broken: "a host could not go back",
  aborts: "too many hosts gave up before the switch",
  operator: "an operator said so",
};

/** Some reasons are sentences. */
function withoutStop(reason: string): string {
  return reason.replace(/\.$/, "");
}

function goOn({ record, service }: WaitingQuestion): string {
  const resume = `say "dropship rollout resume ${service}"`;
  if (record.halt?.why === "lost")
    return `It goes on by itself when the host is back and reports; to go on without it, ${resume}.`;
  return `Upload a mended release; if this one is good, ${resume}.`;
}

/** So many holders are named. */
const named = 3;

function holders({ record, now }: WaitingQuestion): string {
  const slots = Object.entries(record.slots).sort(([, one], [, other]) => one.since - other.since);
  const said = slots
    .slice(0, named)
    .map(([host, { state, since }]) => `${host} (${state}, for ${inWords(now - since)})`);
  const more = slots.length - said.length;
  return [...said, ...(more > 0 ? [`${more} more`] : [])].join(", ") || "nobody";
}

/** A slot that no time frees. */
function ifStuck({ record, service }: WaitingQuestion): { readonly remedy?: string } {
  const [host, slot] =
    Object.entries(record.slots).find(([, { state }]) => state === "lost" || state === "broken") ?? [];
  if (host === undefined || slot === undefined) return {};
  const mend = slot.state === "lost" ? `Bring ${host} back` : `Mend ${host}`;
  return { remedy: `${mend}; if it is gone for good, say "dropship rollout forget ${service} ${shellWord(host)}".` };
}

function releaseName({ release }: RolloutRecord): string {
  if (release === undefined) return "another release";
  return release.version ?? `${release.artifact} (${release.digest.slice(0, 12)})`;
}

/** To the second, or to the minute where that is enough; clocks may differ, so never negative. */
function inWords(duration: number): string {
  const unit = duration >= 3_600_000 ? 60_000 : 1000;
  return formatDuration(Math.max(0, Math.round(duration / unit) * unit));
}
