import { exitCodes } from "../../domain/failures/entry.ts";
import { defineCommand, someService } from "../command.ts";
import { exitCodeOf, outcomeLine, reasonLines, worstOf } from "../render/outcome.ts";

export const check = defineCommand({
  name: "check",
  summary: "Ask the repositories what would be updated; nothing is changed.",
  details: "The exit code is 0 when everything is up to date and 3 when at least one service would be updated.",
  operands: [someService],
  examples: [
    ["dropship check", "all services"],
    ["dropship check web && echo up to date", "one service, in a script"],
  ],
  json: '{ "services": [report, …] }; a report has service, outcome ("up-to-date", "update-available", "refused", "pinned", "paused", "failed"), marker, running, reason',
  async run({ screen, withReadings }, { operands: { service } }) {
    const reports = await withReadings((readings) => readings.check(service));
    if (screen.json) screen.printJson({ services: reports });
    for (const report of screen.json ? [] : reports) {
      screen.print([outcomeLine(report, screen), ...reasonLines(report, screen)].join("\n"));
    }
    const codes = reports.map((report) =>
      report.outcome === "update-available" ? exitCodes["update-available"] : exitCodeOf(report, false),
    );
    return worstOf(codes);
  },
});
