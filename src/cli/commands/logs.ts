import type { Attempt } from "../../agent/operations.ts";
import { exitCodes } from "../../domain/failures/entry.ts";
import { printable } from "../../domain/text-width.ts";
import type { EvidenceLine } from "../../update/record.ts";
import { defineCommand, oneService } from "../command.ts";
import { outcomeLine, reasonLines } from "../render/outcome.ts";
import { formatClock, formatDay } from "../render/time.ts";
import { stateWords } from "../render/words.ts";
import type { Screen } from "../screen.ts";

export const logs = defineCommand({
  name: "logs",
  summary: "Show what was observed in an update: what hooks printed, what probes answered.",
  operands: [oneService, { name: "attempt", required: false }],
  examples: [
    ["dropship logs web", "the last update"],
    ["dropship logs web 3f9c2a71", "another one, as dropship history names it"],
  ],
  json: '{ "attempt", "lines": [{ at, state, source, outcome, text }, …] }',
  async run({ screen, withReadings }, { operands: { service = "", attempt } }) {
    const evidence = await withReadings((readings) => readings.evidence(service, attempt));
    if (screen.json) screen.printJson(evidence);
    else screen.print(renderEvidence(evidence.attempt, evidence.lines, screen));
    return exitCodes.done;
  },
});

/** The whole story of one attempt; everything that was kept of it. */
function renderEvidence(attempt: Attempt, lines: readonly EvidenceLine[], screen: Screen): string {
  const { paint } = screen;
  const head = [
    outcomeLine(attempt, screen),
    paint(
      "dim",
      `  attempt ${attempt.id}, number ${attempt.attempt} at this release, begun ${formatDay(attempt.startedAt)}`,
    ),
    ...reasonLines(attempt, screen),
  ];
  const observed = lines.flatMap((line) => {
    const good = line.outcome === "done" || line.outcome === "healthy";
    const title = `${formatClock(line.at)}  ${stateWords[line.state]}: ${printable(line.source)}: `;
    const text = line.text.trimEnd();
    return [
      `${title}${paint(good ? "green" : "red", printable(line.outcome))}`,
      ...(text === "" ? [] : text.split("\n").map((one) => `          ${paint("dim", "│")} ${printable(one)}`)),
    ];
  });
  return [...head, "", ...(observed.length > 0 ? observed : ["Nothing was observed."])].join("\n");
}
