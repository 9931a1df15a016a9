import type { FleetDesk } from "../../agent/fleet-desk.ts";
import type { RolloutRecord } from "../../domain/rollout/record.ts";
import { counted, formatCount, someNames } from "../../domain/rollout/some-names.ts";
import { isOpen, liveFailures, slotOf, slotsTaken } from "../../domain/rollout/standing.ts";
import { printable } from "../../domain/text-width.ts";
import type { Operated, OperatorWord } from "../../rollout/operate.ts";
import type { Screen } from "../screen.ts";
import { phaseStyles } from "./rollout.ts";
import { formatPeriod } from "./time.ts";
import { contentName } from "./words.ts";
import { wrapText } from "./wrap.ts";

export interface Said {
  /** What a command is to name it by. */
  readonly target: string;
  readonly desk: Pick<FleetDesk, "service">;
  readonly word: OperatorWord;
  readonly operated: Operated;
}

/** What was and what is now, and what that means for the hosts. */
export function renderOperated(said: Said, now: number, { paint, columns }: Screen): string {
  const { desk, operated } = said;
  const name = paint("bold", desk.service.name);
  const [head, ...remarks] = operated.changed ? changedLines(said, now, paint) : [settledLine(said, paint)];
  const below = remarks.flatMap((remark) => wrapText(printable(remark), columns - 2).map((line) => `  ${line}`));
  return [`${name}: ${head}`, ...below].join("\n");
}

type Paint = Screen["paint"];

function phaseIn(record: RolloutRecord | undefined, paint: Paint): string {
  return record === undefined ? "without a record" : paint(phaseStyles[record.phase], record.phase);
}

function settledLine({ word, operated: { after } }: Said, paint: Paint): string {
  const phase = phaseIn(after, paint);
  switch (word.type) {
    case "halt":
    case "pause":
      return `${phase} already, nothing to do`;
    case "resume":
      return `${phase}, neither halted nor paused: nothing to do`;
    case "retry":
      return `${phase}, nothing to do`;
    case "set-limit":
      return `${counted(word.limit, "host")} at a time already, nothing to do`;
    case "forget":
      return `${printable(word.host)} holds no slot and is not waited for, nothing to do`;
  }
}

function changedLines(said: Said, now: number, paint: Paint): readonly string[] {
  const { word, operated } = said;
  const { before, after } = operated;
  const change = `${phaseIn(after, paint)} (was ${phaseIn(before, paint)})`;
  switch (word.type) {
    case "halt":
      return [
        change,
        ...refusedContent(after),
        ...openSlots(after),
        `next: upload a mended release; if this one is good, dropship rollout resume ${said.target}`,
      ];
    case "pause":
      return [change, ...openSlots(after), `next: dropship rollout resume ${said.target}`];
    case "resume":
      return [change, ...acknowledgedIn(before)];
    case "retry":
      return [change, ...forgottenIn(before), "Hosts forget what went bad on them, each at its next check."];
    case "set-limit":
      return limitLines(said, word.limit);
    case "forget":
      return forgetLines(said, word.host, now, paint);
  }
}

function refusedContent({ release }: RolloutRecord): readonly string[] {
  return release === undefined ? [] : [`Every host of the fleet refuses ${contentName(release)} from now on.`];
}

function openSlots({ slots }: RolloutRecord): readonly string[] {
  const open = Object.entries(slots).filter(([, slot]) => isOpen(slot));
  const passed = open.filter(([, { fenced }]) => fenced).map(([host]) => host);
  const others = open.filter(([, { fenced }]) => !fenced).map(([host]) => host);
  return [
    ...(passed.length > 0 ? [`In the middle of the switch, and going on to the end: ${someNames(passed, 5)}.`] : []),
    ...(others.length > 0 ? [`Hold a slot, and go back before the switch: ${someNames(others, 5)}.`] : []),
  ];
}

function acknowledgedIn(before: RolloutRecord | undefined): readonly string[] {
  const failed = before === undefined ? [] : liveFailures(before);
  if (failed.length === 0) return [];
  const hosts = someNames([...new Set(failed.map(({ host }) => host))], 5);
  return [`Acknowledged, and no longer counted: the failure${failed.length === 1 ? "" : "s"} of ${hosts}.`];
}

function forgottenIn(before: RolloutRecord | undefined): readonly string[] {
  if (before === undefined) return ["A new record was begun, above all numbers that hosts have seen."];
  const { failed, denied } = before;
  return [`Forgotten: ${counted(failed.length, "failure")} and ${counted(denied.length, "refused content")}.`];
}

function limitLines({ operated: { before, after }, desk }: Said, limit: number): readonly string[] {
  const taken = slotsTaken(after);
  const { limit: declared } = desk.service.rollout;
  const usual = "count" in declared ? formatCount(declared.count) : `${declared.percent}%`;
  return [
    `${counted(limit, "host")} at a time (was ${before === undefined ? "unknown" : formatCount(before.plan.limit)})`,
    `It holds until the next rollout begins; the configuration says ${usual}.`,
    ...(taken > limit ? [`${counted(taken, "slot")} are taken: none is given until fewer than ${limit} are.`] : []),
    ...(limit >= after.hosts
      ? [`That is all ${counted(after.hosts, "host")}: the service may be down on all at once.`]
      : []),
  ];
}

function forgetLines(
  { operated: { before, after } }: Said,
  host: string,
  now: number,
  paint: Paint,
): readonly string[] {
  const slot = before && slotOf(before, host);
  const held = slot && `its slot (${slot.state}, for ${formatPeriod(now - slot.since)}) is free`;
  const fewer = before !== undefined && before.hosts !== after.hosts;
  const moved =
    before?.phase === after.phase
      ? []
      : [`The rollout is ${after.phase}${before === undefined ? "" : ` (was ${before.phase})`}.`];
  return [
    `forgot ${paint("bold", printable(host))}; ${held ?? "it held no slot"}`,
    ...(fewer ? [`${counted(after.hosts, "host")} are counted (were ${formatCount(before.hosts)}).`] : []),
    ...moved,
    "If it comes back, it takes part again.",
  ];
}
