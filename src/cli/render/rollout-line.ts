import { counted, formatCount } from "../../domain/rollout/some-names.ts";
import { printable } from "../../domain/text-width.ts";
import type { RolloutView } from "../fleet-view.ts";
import { namesWithin } from "./names.ts";
import { contentName } from "./words.ts";

/** A rollout in one line, without what grows by the second: another line is news. */
export function changeLine({ service, summary, problem }: RolloutView): string {
  if (problem !== undefined) return `${service}: not up to date: ${problem.sentence}`;
  if (summary === undefined) return `${service}: no rollout yet`;
  const { phase, release, done, hosts, slots, failed, halt } = summary;
  const holders = slots.map(({ host, state }) => `${host} ${state}`);
  const parts = [
    `${service}: ${phase}`,
    ...(release === undefined ? [] : [contentName(release)]),
    `${formatCount(done.count)} of ${counted(hosts, "host")}`,
    ...(slots.length === 0 ? [] : [`${counted(slots.length, "slot")} taken: ${namesWithin(holders, 80)}`]),
    ...(failed.length === 0 ? [] : [`${formatCount(failed.length)} failed`]),
    ...(halt === undefined ? [] : [halt.reason]),
  ];
  return printable(parts.join(", "));
}
