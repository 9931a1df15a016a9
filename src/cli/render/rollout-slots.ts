import { formatCount } from "../../domain/rollout/some-names.ts";
import type { HeldSlotSummary, RolloutSummary } from "../../domain/rollout/summary.ts";
import type { RolloutView } from "../fleet-view.ts";
import type { Screen, Style } from "../screen.ts";
import { type Cell, renderTable } from "./table.ts";
import { formatPeriod, formatWhen } from "./time.ts";

const styles: Readonly<Record<HeldSlotSummary["state"], Style>> = {
  updating: "cyan",
  switching: "cyan",
  lost: "red",
  broken: "red",
};

const columns = [
  { title: "SLOT OF", flexible: true },
  { title: "STATE" },
  { title: "FOR", right: true },
  { title: "LAST BEAT" },
  { title: "" },
];

/** Who holds a slot, in which state, and since when; at most so many, what needs a person first. */
export function renderSlots(
  slots: readonly HeldSlotSummary[],
  { beats, summary }: Pick<RolloutView, "beats" | "summary">,
  now: number,
  screen: Screen,
  most: number,
): readonly string[] {
  if (slots.length === 0) return [];
  const beatOf = new Map(beats.map(({ host, at }) => [host, at]));
  const sorted = slots.toSorted((one, other) => urgency(one) - urgency(other));
  const listed = sorted.slice(0, most);
  const rows = listed.map((slot): readonly Cell[] => {
    const beat = beatOf.get(slot.host);
    return [
      { text: slot.host, style: "bold" },
      { text: slot.state, style: styles[slot.state] },
      { text: formatPeriod(slot.age) },
      { text: beat === undefined ? "none" : formatWhen(beat, now), style: "dim" },
      { text: noteOn(slot, summary), style: "yellow" },
    ];
  });
  const more = slots.length - listed.length;
  const room = { ...screen, columns: screen.columns - 2 };
  return [
    ...renderTable(columns, rows, room)
      .split("\n")
      .map((line) => `  ${line}`),
    ...(more > 0 ? [`  and ${formatCount(more)} more`] : []),
  ];
}

function urgency({ state }: HeldSlotSummary): number {
  return state === "broken" ? 0 : state === "lost" ? 1 : 2;
}

function noteOn({ purpose, digest, acknowledged }: HeldSlotSummary, summary: RolloutSummary | undefined): string {
  if (purpose === "revert") return "going back";
  if (digest !== summary?.release?.digest) return `of ${digest.slice(0, 12)}, the release before`;
  return acknowledged === true ? "acknowledged" : "";
}
