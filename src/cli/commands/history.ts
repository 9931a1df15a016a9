import type { Attempt } from "../../agent/operations.ts";
import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand, oneService } from "../command.ts";
import { numberOf } from "../parse-arguments.ts";
import { howItEnded } from "../render/outcome.ts";
import { type Cell, renderTable } from "../render/table.ts";
import { formatPeriod, formatWhen } from "../render/time.ts";
import { releaseName } from "../render/words.ts";

export const history = defineCommand({
  name: "history",
  summary: "List the updates of a service, the last one first.",
  operands: [oneService],
  flags: { limit: { summary: "How many. Default: 20.", value: "N" } },
  examples: [
    ["dropship history web", "the last 20"],
    ["dropship history web --limit 1 --json", "the last one, for a script"],
  ],
  json: '{ "attempts": [attempt, …] }; an attempt has id, service, startedAt, endedAt, outcome, intent, attempt, target, previous, failure, downtime',
  async run({ screen, now, withReadings }, given) {
    const service = given.operands["service"] ?? "";
    const limit = numberOf(given, "limit", { otherwise: 20, lowest: 1, highest: 10_000 });
    const attempts = await withReadings((readings) => readings.history(service, limit));
    if (screen.json) screen.printJson({ attempts });
    else if (attempts.length === 0) screen.print(`${service} has not been updated by this agent yet.`);
    else {
      const rows = attempts.map((attempt) => rowOf(attempt, now()));
      screen.print(renderTable(columns, rows, screen));
    }
    return exitCodes.done;
  },
});

const columns = [
  { title: "ATTEMPT" },
  { title: "ENDED" },
  { title: "TOOK", right: true },
  { title: "DOWN", right: true },
  { title: "OUTCOME", flexible: true },
  { title: "RELEASE", flexible: true },
  { title: "BEFORE", flexible: true },
  { title: "WHY", flexible: true },
];

function rowOf(attempt: Attempt, now: number): readonly Cell[] {
  const [words, style] = howItEnded(attempt);
  const { downtime, target, previous } = attempt;
  return [
    { text: attempt.id.slice(0, 8) },
    { text: formatWhen(attempt.endedAt, now) },
    { text: formatPeriod(attempt.endedAt - attempt.startedAt) },
    { text: downtime === undefined ? "" : formatPeriod(downtime) },
    { text: words, style },
    { text: target === undefined ? "" : releaseName(target) },
    { text: previous === undefined ? "" : releaseName(previous) },
    { text: attempt.failure?.sentence ?? "" },
  ];
}
